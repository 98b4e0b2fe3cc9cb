// Reads one HTTP/1 request from bytes: its facts into a request_head, its body into a string. Both keep their memory.
//
// Stricter than its parser: one Host field in HTTP/1.1, no coding but chunked, no length beside it, a target that is a
// path.
#pragma once

#include <emulator/answer.hpp>

#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>
#include <string>

namespace dbxapps::emulated {

inline constexpr std::size_t head_limit = 64 * 1024;
inline constexpr std::size_t body_limit = 64 * 1024 * 1024;

class request_reader : public boost::beast::http::basic_parser<true> {
public:
    request_reader(request_head& head, std::string& body);  // clears both

private:
    using error_code = boost::beast::error_code;
    using view = boost::beast::string_view;
    using field_name = boost::beast::http::field;

    void on_request_impl(boost::beast::http::verb, view method, view target, int version, error_code&) override;
    void on_response_impl(int, view, int, error_code&) override {}
    void on_field_impl(field_name, view name, view value, error_code&) override;
    void on_header_impl(error_code&) override;
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(view part, error_code&) override;
    void on_chunk_header_impl(std::uint64_t, view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t left, view part, error_code&) override;
    void on_finish_impl(error_code&) override {}

    request_head& head_;
    std::string& body_;
    int hosts_ = 0;
    bool coded_ = false;
    bool sized_ = false;
};

// 413, 431 or 400.
int status_of_bad_request(const boost::beast::error_code&) noexcept;

}  // namespace dbxapps::emulated
