// Products and a decomposition of dense matrices by Eigen; prints what proves them right.
#include <Eigen/Dense>
#include <chrono>
#include <cstdio>
#include <cstdlib>

using Eigen::Index;
using Eigen::MatrixXd;

// An element in sixteenths, so that sums of products are exact and any order gives the same.
static double small(Index row, Index column, Index n)
{
    return static_cast<double>((row * n + column) * 7 % 31) / 16 - 0.5;
}

static double weighted(const MatrixXd &m)
{
    double sum = 0;
    for (Index row = 0; row < m.rows(); row++)
        for (Index column = 0; column < m.cols(); column++)
            sum += m(row, column) * static_cast<double>((row * row + 3 * column) % 11);
    return sum;
}

int main(int argc, char **argv)
{
    const Index n = argc > 1 ? std::atol(argv[1]) : 0;
    if (n < 1 || n > 20000) {
        std::fprintf(stderr, "usage: %s N\n", argv[0]);
        return 2;
    }
    const MatrixXd a = MatrixXd::NullaryExpr(n, n, [n](Index i, Index j) { return small(i, j, n); });
    const MatrixXd b = a.transpose() + MatrixXd::Identity(n, n);

    using Clock = std::chrono::steady_clock;
    const auto begun = Clock::now();
    const MatrixXd c = a * b;
    const std::chrono::duration<double> product = Clock::now() - begun;

    // b b' + 1 is symmetric and positive, so it has a Cholesky factor
    const auto factoring = Clock::now();
    const MatrixXd positive = b * b.transpose() + MatrixXd::Identity(n, n);
    const Eigen::LLT<MatrixXd> factor(positive);
    const std::chrono::duration<double> cholesky = Clock::now() - factoring;
    const double logarithm = 2 * factor.matrixLLT().diagonal().array().log().sum();

    std::printf("trace %.8f\nweighted sum %.8f\n", c.trace(), weighted(c));
    std::printf("log determinant %.9f\n", logarithm);
    std::printf("product seconds %.6f\ncholesky seconds %.6f\n", product.count(), cholesky.count());
    return factor.info() == Eigen::Success ? 0 : 1;
}
