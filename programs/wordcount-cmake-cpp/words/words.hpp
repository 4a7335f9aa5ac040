// Words and how often they are used.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace words {

using Count = std::pair<std::string, std::size_t>;

// A text of so many words, always the same, in which early ones of the vocabulary are frequent.
std::string made_text(std::size_t count);

// The words of a text, most frequent first; among equals in the order of the alphabet.
std::vector<Count> counted(const std::string &text);

} // namespace words
