// k-means of points in the plane (Lloyd), from centres that are as far apart as they can be.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

struct Point {
    double x = 0, y = 0;
};

struct Clusters {
    std::vector<Point> centres;
    std::vector<std::size_t> member; // of each point: its centre
    std::size_t steps = 0;
};

double square_distance(Point a, Point b)
{
    return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y);
}

std::vector<Point> read_points(const std::string &name)
{
    std::ifstream file(name);
    std::vector<Point> points;
    for (Point point; file >> point.x >> point.y;)
        points.push_back(point);
    if (!file.eof() || points.empty())
        throw std::runtime_error(name + ": cannot be read, or holds what is no point");
    return points;
}

// The first point, then always the point that is farthest from all centres there are.
std::vector<Point> first_centres(const std::vector<Point> &points, std::size_t count)
{
    std::vector<Point> centres{points.front()};
    std::vector<double> nearest(points.size(), std::numeric_limits<double>::infinity());
    while (centres.size() < count) {
        for (std::size_t i = 0; i < points.size(); ++i)
            nearest[i] = std::min(nearest[i], square_distance(points[i], centres.back()));
        const auto farthest = std::max_element(nearest.begin(), nearest.end());
        centres.push_back(points[static_cast<std::size_t>(farthest - nearest.begin())]);
    }
    return centres;
}

std::size_t nearest_centre(Point point, const std::vector<Point> &centres)
{
    std::size_t best = 0;
    for (std::size_t i = 1; i < centres.size(); ++i)
        if (square_distance(point, centres[i]) < square_distance(point, centres[best]))
            best = i;
    return best;
}

// The middle of its members becomes a centre; one without members stays.
void move_centres(const std::vector<Point> &points, Clusters &clusters)
{
    std::vector<Point> sums(clusters.centres.size());
    std::vector<double> counts(clusters.centres.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
        sums[clusters.member[i]].x += points[i].x;
        sums[clusters.member[i]].y += points[i].y;
        counts[clusters.member[i]] += 1;
    }
    for (std::size_t k = 0; k < sums.size(); ++k)
        if (counts[k] > 0)
            clusters.centres[k] = {sums[k].x / counts[k], sums[k].y / counts[k]};
}

Clusters cluster(const std::vector<Point> &points, std::size_t count)
{
    Clusters clusters{first_centres(points, count), {}, 0};
    std::vector<std::size_t> member(points.size());
    while (clusters.steps < 1000) {
        for (std::size_t i = 0; i < points.size(); ++i)
            member[i] = nearest_centre(points[i], clusters.centres);
        if (member == clusters.member)
            break;
        clusters.member = member;
        move_centres(points, clusters);
        ++clusters.steps;
    }
    return clusters;
}

void show(const std::vector<Point> &points, const Clusters &clusters)
{
    double inertia = 0;
    std::vector<std::size_t> sizes(clusters.centres.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
        inertia += square_distance(points[i], clusters.centres[clusters.member[i]]);
        ++sizes[clusters.member[i]];
    }
    std::cout << std::fixed << std::setprecision(6);
    for (std::size_t k = 0; k < sizes.size(); ++k)
        std::cout << "centre " << clusters.centres[k].x << ' ' << clusters.centres[k].y << " of "
                  << sizes[k] << '\n';
    std::cout << "inertia " << inertia << "\nsteps " << clusters.steps << '\n';
}

} // namespace

int main(int argc, char **argv)
{
    const long count = argc == 4 ? std::strtol(argv[2], nullptr, 10) : 0;
    const long rounds = argc == 4 ? std::strtol(argv[3], nullptr, 10) : 0;
    if (count < 1 || count > 1000 || rounds < 1) {
        std::cerr << "usage: " << argv[0] << " POINTS CLUSTERS ROUNDS\n";
        return 2;
    }
    try {
        const auto points = read_points(argv[1]);
        Clusters clusters;
        const auto begun = std::chrono::steady_clock::now();
        for (long round = 0; round < rounds; ++round)
            clusters = cluster(points, static_cast<std::size_t>(count));
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
        show(points, clusters);
        std::cout << "seconds " << taken.count() << '\n';
    } catch (const std::exception &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    return 0;
}
