#include "words.hpp"

#include <algorithm>
#include <cstdint>
#ifdef WITH_ORDERED
#include <map>
#else
#include <unordered_map>
#endif

namespace words {
namespace {

#ifdef WITH_ORDERED
using Table = std::map<std::string, std::size_t>;
#else
using Table = std::unordered_map<std::string, std::size_t>;
#endif

bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// The word of a number: its digits in a system of syllables.
std::string spelled(std::uint64_t number)
{
    static const char *const syllables[] = {"ka", "ri", "to", "mun", "sel", "va", "pe", "lo"};
    std::string word = syllables[number % 8];
    while (number /= 8)
        word += syllables[number % 8];
    return word;
}

} // namespace

std::string made_text(std::size_t count)
{
    std::string text;
    std::uint64_t state = 42;
    for (std::size_t i = 0; i < count; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        const std::uint64_t x = state >> 44;
        std::string word = spelled(x * x / (std::uint64_t(1) << 20) * x / (std::uint64_t(1) << 28));
        if (i % 12 == 0)
            word[0] = static_cast<char>(word[0] - 'a' + 'A');
        text += word + (i % 12 == 11 ? ".\n" : i % 5 == 4 ? ", " : " ");
    }
    return text;
}

std::vector<Count> counted(const std::string &text)
{
    Table table;
    std::string word;
    for (char c : text) {
        if (is_letter(c)) {
            word += lower(c);
        } else if (!word.empty()) {
            table[word]++;
            word.clear();
        }
    }
    if (!word.empty())
        table[word]++;
    std::vector<Count> all(table.begin(), table.end());
    std::sort(all.begin(), all.end(), [](const Count &a, const Count &b) {
        return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    return all;
}

} // namespace words
