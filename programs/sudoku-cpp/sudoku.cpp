// Solves sudoku puzzles: always the cell with the fewest digits left, by bits, and back when stuck.
#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

class Sudoku {
public:
    explicit Sudoku(const std::string &puzzle)
    {
        for (std::size_t cell = 0; cell < cells; ++cell) {
            const int digit = puzzle[cell] == '.' ? 0 : puzzle[cell] - '0';
            if (digit && !(left(cell) & 1U << digit))
                throw std::runtime_error(puzzle + ": breaks the rules");
            if (digit)
                put(cell, digit);
        }
    }

    // Whether there is a solution; if so, it is this.
    bool solve()
    {
        ++tried;
        std::size_t best = cells;
        int fewest = 10;
        for (std::size_t cell = 0; cell < cells && fewest > 1; ++cell)
            if (!digits[cell] && count(left(cell)) < fewest) {
                fewest = count(left(cell));
                best = cell;
            }
        if (best == cells)
            return true;
        const unsigned choice = left(best);
        for (int digit = 1; digit <= 9; ++digit)
            if (choice & 1U << digit) {
                put(best, digit);
                if (solve())
                    return true;
                take(best);
            }
        return false;
    }

    std::string text() const
    {
        std::string all;
        for (const int digit : digits)
            all += static_cast<char>('0' + digit);
        return all;
    }

    static constexpr std::size_t cells = 81;
    long tried = 0;

private:
    static std::size_t box(std::size_t cell) { return cell / 27 * 3 + cell % 9 / 3; }

    static int count(unsigned bits)
    {
        int bit = 0;
        for (; bits; bits &= bits - 1)
            ++bit;
        return bit;
    }

    unsigned left(std::size_t cell) const
    {
        return 0x3feU & ~(rows[cell / 9] | columns[cell % 9] | boxes[box(cell)]);
    }

    void put(std::size_t cell, int digit)
    {
        digits[cell] = digit;
        flip(cell, 1U << digit);
    }

    void take(std::size_t cell)
    {
        flip(cell, 1U << digits[cell]);
        digits[cell] = 0;
    }

    void flip(std::size_t cell, unsigned bit)
    {
        rows[cell / 9] ^= bit;
        columns[cell % 9] ^= bit;
        boxes[box(cell)] ^= bit;
    }

    std::array<int, cells> digits{};
    std::array<unsigned, 9> rows{}, columns{}, boxes{}; // bit d: digit d is there
};

std::vector<std::string> read_puzzles(const std::string &name)
{
    std::ifstream file(name);
    std::vector<std::string> puzzles;
    for (std::string line; std::getline(file, line); puzzles.push_back(line))
        if (line.size() != Sudoku::cells
            || line.find_first_not_of(".123456789") != std::string::npos)
            throw std::runtime_error(name + ": a puzzle is 81 digits or dots in a line");
    if (!file.eof() || puzzles.empty())
        throw std::runtime_error(name + ": cannot be read, or is empty");
    return puzzles;
}

} // namespace

int main(int argc, char **argv)
{
    const long rounds = argc == 3 ? std::strtol(argv[2], nullptr, 10) : 0;
    if (rounds < 1) {
        std::cerr << "usage: " << argv[0] << " PUZZLES ROUNDS\n";
        return 2;
    }
    try {
        const auto puzzles = read_puzzles(argv[1]);
        std::vector<std::string> solutions(puzzles.size());
        long tried = 0;
        const auto begun = std::chrono::steady_clock::now();
        for (long round = 0; round < rounds; ++round)
            for (std::size_t i = 0; i < puzzles.size(); ++i) {
                Sudoku sudoku(puzzles[i]);
                solutions[i] = sudoku.solve() ? sudoku.text() : "no solution";
                tried += sudoku.tried;
            }
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;

        for (const auto &solution : solutions)
            std::cout << solution << '\n';
        std::cout << "tried " << tried / rounds << '\n';
        std::cout << "seconds " << std::fixed << std::setprecision(6) << taken.count() << '\n';
    } catch (const std::exception &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    return 0;
}
