// Numbers as a person reads them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace demo {

std::string grouped(std::uint64_t);                  // 200,000
std::string fixed(double, int decimals);             // 1.50
std::string milliseconds(std::chrono::nanoseconds);  // 12.34 ms
std::string right(std::string, std::size_t width);   // filled up with blanks on the left
std::string left(std::string, std::size_t width);    // on the right

}  // namespace demo
