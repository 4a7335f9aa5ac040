// Heap sort of anything that has an order, by templates.
#pragma once

#include <cstddef>
#include <functional>
#include <iterator>
#include <utility>

namespace own {

// Move the element at `place` down to where no child of it comes after it.
template <typename Iterator, typename Less>
void sift(Iterator first, std::ptrdiff_t place, std::ptrdiff_t size, Less less)
{
    auto value = std::move(first[place]);
    for (std::ptrdiff_t child; (child = 2 * place + 1) < size; place = child) {
        if (child + 1 < size && less(first[child], first[child + 1]))
            ++child;
        if (!less(value, first[child]))
            break;
        first[place] = std::move(first[child]);
    }
    first[place] = std::move(value);
}

template <typename Iterator, typename Less = std::less<>>
void heap_sort(Iterator first, Iterator last, Less less = {})
{
    std::ptrdiff_t size = std::distance(first, last);
    for (std::ptrdiff_t place = size / 2; place-- > 0;)
        sift(first, place, size, less);
    while (size > 1) {
        --size;
        std::swap(first[0], first[size]);
        sift(first, 0, size, less);
    }
}

} // namespace own
