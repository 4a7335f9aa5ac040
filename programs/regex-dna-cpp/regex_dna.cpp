// Motifs in sequences, counted and replaced by the regular expressions of the standard library.
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

// All sequences of a file in FASTA form on end, each as one line.
std::string read_sequences(const std::string &name)
{
    std::ifstream file(name);
    std::string all;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line.front() != '>')
            all += line;
        else if (!all.empty())
            all += '\n';
        if (line.find_first_not_of("ACGT") != std::string::npos && line.front() != '>')
            throw std::runtime_error(name + ": holds letters that are no bases");
    }
    if (!file.eof() || all.empty())
        throw std::runtime_error(name + ": cannot be read, or is empty");
    return all;
}

std::size_t count_matches(const std::string &text, const std::string &pattern)
{
    const std::regex expression(pattern, std::regex::optimize);
    const std::sregex_iterator first(text.begin(), text.end(), expression), last;
    return static_cast<std::size_t>(std::distance(first, last));
}

// Letters that stand for several bases, written out.
std::size_t size_replaced(std::string text)
{
    text = std::regex_replace(text, std::regex("TATA[AT]A[AT]"), "<box>");
    text = std::regex_replace(text, std::regex("(A{3,}|T{3,})"), "<$1>");
    text = std::regex_replace(text, std::regex("GC|CG"), "S");
    return text.size();
}

} // namespace

int main(int argc, char **argv)
{
    const long rounds = argc == 3 ? std::strtol(argv[2], nullptr, 10) : 0;
    if (rounds < 1) {
        std::cerr << "usage: " << argv[0] << " SEQUENCES ROUNDS\n";
        return 2;
    }
    const std::vector<std::string> patterns{
        "GATTACA|TGTAATC", "A[ACGT]G[CT]TT", "(AG|CT){2,}",
        "GG(ATC|C)C",      "[^A]A{4,}[^A]",  "TATAAA?",
    };
    try {
        const auto text = read_sequences(argv[1]);
        std::vector<std::size_t> counts(patterns.size());
        std::size_t size = 0;
        const auto begun = std::chrono::steady_clock::now();
        for (long round = 0; round < rounds; ++round) {
            for (std::size_t i = 0; i < patterns.size(); ++i)
                counts[i] = count_matches(text, patterns[i]);
            size = size_replaced(text);
        }
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;

        for (std::size_t i = 0; i < patterns.size(); ++i)
            std::cout << patterns[i] << ": " << counts[i] << '\n';
        std::cout << "letters " << text.size() << ", replaced " << size << '\n';
        std::cout << "seconds " << std::fixed << std::setprecision(6) << taken.count() << '\n';
    } catch (const std::exception &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    return 0;
}
