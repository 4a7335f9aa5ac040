// Which words of a text are frequent, counted by a library of this project.
#include "words.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>

int main(int argc, char **argv)
{
    const long count = argc > 1 ? std::atol(argv[1]) : 0;
    if (count < 1 || count > 100000000) {
        std::fprintf(stderr, "usage: %s WORDS\n", argv[0]);
        return 2;
    }
    const std::string text = words::made_text(static_cast<std::size_t>(count));
    const auto begun = std::chrono::steady_clock::now();
    const std::vector<words::Count> found = words::counted(text);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begun;

    std::size_t total = 0, letters = 0;
    for (const words::Count &one : found) {
        total += one.second;
        letters += one.first.size() * one.second;
    }
    std::printf("words %zu different %zu letters %zu\n", total, found.size(), letters);
    for (std::size_t i = 0; i < found.size(); i++)
        if (i < 8 || i + 4 >= found.size())
            std::printf("%zu %s\n", found[i].second, found[i].first.c_str());
    std::printf("seconds %.6f\n", seconds.count());
    return 0;
}
