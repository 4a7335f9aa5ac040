// Sorts the numbers of a file by a heap sort of its own or by the standard library's.
#include "sort.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

template <typename Number>
std::vector<Number> read_numbers(const std::string &name)
{
    std::ifstream file(name);
    std::vector<Number> numbers;
    for (Number number; file >> number;)
        numbers.push_back(number);
    if (!file.eof() || numbers.empty())
        throw std::runtime_error(name + ": cannot be read, or holds what is no number");
    return numbers;
}

template <typename Number>
void write_numbers(const std::string &name, const std::vector<Number> &numbers)
{
    std::ofstream file(name);
    file << std::scientific << std::setprecision(9);
    for (const auto &number : numbers)
        file << number << '\n';
    if (!file.flush())
        throw std::runtime_error(name + ": cannot be written");
}

template <typename Number>
void sort_file(const std::string &how, const std::string &input, long rounds,
               const std::string &output)
{
    const auto numbers = read_numbers<Number>(input);
    auto sorted = numbers;
    const auto begun = std::chrono::steady_clock::now();
    for (long round = 0; round < rounds; ++round) {
        sorted = numbers;
        if (how == "own")
            own::heap_sort(sorted.begin(), sorted.end());
        else
            std::sort(sorted.begin(), sorted.end());
    }
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
    write_numbers(output, sorted);
    std::cout << "count " << sorted.size() << '\n'
              << std::scientific << std::setprecision(9) << "least " << sorted.front()
              << "\nmiddle " << sorted[sorted.size() / 2] << "\ngreatest " << sorted.back() << '\n'
              << std::fixed << std::setprecision(6) << "seconds " << taken.count() << '\n';
}

} // namespace

int main(int argc, char **argv)
{
    const std::vector<std::string> given(argv + 1, argv + argc);
    const long rounds = given.size() == 5 ? std::strtol(argv[4], nullptr, 10) : 0;
    const bool known = rounds > 0 && (given[0] == "own" || given[0] == "std")
                       && (given[1] == "integers" || given[1] == "floats");
    if (!known) {
        std::cerr << "usage: " << argv[0] << " own|std integers|floats INPUT ROUNDS OUTPUT\n";
        return 2;
    }
    try {
        if (given[1] == "integers")
            sort_file<long long>(given[0], given[2], rounds, given[4]);
        else
            sort_file<double>(given[0], given[2], rounds, given[4]);
    } catch (const std::exception &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    return 0;
}
