// How many letters must be changed, put in or left out to make one sequence of another.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

// The sequences of a file in FASTA form.
std::vector<std::string> read_sequences(const std::string &name)
{
    std::ifstream file(name);
    std::vector<std::string> sequences;
    for (std::string line; std::getline(file, line);) {
        if (!line.empty() && line.front() == '>')
            sequences.emplace_back();
        else if (sequences.empty())
            throw std::runtime_error(name + ": does not begin with the header of a sequence");
        else
            sequences.back() += line;
    }
    if (!file.eof() || sequences.empty())
        throw std::runtime_error(name + ": cannot be read, or is empty");
    return sequences;
}

// One row of the table at a time: row[j] is the distance to the first j letters of `b`.
std::size_t distance(const std::string &a, const std::string &b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min(changed, std::min(diagonal, row[j]) + 1);
        }
    }
    return row.back();
}

} // namespace

int main(int argc, char **argv)
{
    const long rounds = argc == 3 ? std::strtol(argv[2], nullptr, 10) : 0;
    if (rounds < 1) {
        std::cerr << "usage: " << argv[0] << " SEQUENCES ROUNDS\n";
        return 2;
    }
    try {
        const auto sequences = read_sequences(argv[1]);
        const auto count = sequences.size();
        std::vector<std::size_t> distances(count * count);
        const auto begun = std::chrono::steady_clock::now();
        for (long round = 0; round < rounds; ++round)
            for (std::size_t i = 0; i < count; ++i)
                for (std::size_t j = 0; j < i; ++j)
                    distances[i * count + j] = distance(sequences[i], sequences[j]);
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;

        for (std::size_t i = 0; i < count; ++i) {
            std::cout << sequences[i].size() << " letters:";
            for (std::size_t j = 0; j < i; ++j)
                std::cout << ' ' << distances[i * count + j];
            std::cout << '\n';
        }
        std::cout << "seconds " << std::fixed << std::setprecision(6) << taken.count() << '\n';
    } catch (const std::exception &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    return 0;
}
