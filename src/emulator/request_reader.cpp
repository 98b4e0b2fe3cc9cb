#include <emulator/request_reader.hpp>
#include <text/ascii.hpp>

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>

namespace dbxapps::emulated {
namespace {

namespace http = boost::beast::http;

std::string_view std_view(boost::beast::string_view s) { return {s.data(), s.size()}; }

}  // namespace

request_reader::request_reader(request_head& head, std::string& body) : head_(head), body_(body) {
    head_.clear();
    body_.clear();
    eager(true);
    header_limit(head_limit);
    basic_parser::body_limit(emulated::body_limit);
}

void request_reader::on_request_impl(http::verb, view method, view target, int version, error_code& ec) {
    head_.method.assign(method.data(), method.size());
    head_.target.assign(target.data(), target.size());
    head_.chunks_understood = version == 11;
    if (!head_.target.starts_with('/')) ec = http::error::bad_target;
}

void request_reader::on_field_impl(field_name name, view text, view value, error_code& ec) {
    head_.fields.append(text.data(), text.size()).append(": ").append(value.data(), value.size()).append("\r\n");
    if (head_.fields.size() > head_limit) ec = http::error::header_limit;
    switch (name) {
        case http::field::host:
            ++hosts_;
            head_.host.assign(value.data(), std::min(value.find(':'), value.size()));
            for (char& c : head_.host)
                c = text::lower(c);
            break;
        case http::field::authorization: head_.authorization.assign(value.data(), value.size()); break;
        case http::field::content_type: head_.content_type.assign(value.data(), value.size()); break;
        case http::field::content_length: sized_ = true; break;
        case http::field::transfer_encoding:
            coded_ = true;
            if (!text::same(std_view(value), "chunked")) ec = http::error::bad_transfer_encoding;
            break;
        case http::field::expect: head_.expects_continue = text::same(std_view(value), "100-continue"); break;
        default: break;
    }
}

void request_reader::on_header_impl(error_code& ec) {
    if (coded_ && (sized_ || !head_.chunks_understood)) ec = http::error::bad_transfer_encoding;
    if (hosts_ > 1 || (hosts_ == 0 && head_.chunks_understood)) ec = http::error::bad_value;
    head_.keep_alive = head_.chunks_understood && keep_alive();
}

std::size_t request_reader::on_body_impl(view part, error_code&) {
    body_.append(part.data(), part.size());
    return part.size();
}

std::size_t request_reader::on_chunk_body_impl(std::uint64_t, view part, error_code& ec) {
    return on_body_impl(part, ec);
}

int status_of_bad_request(const boost::beast::error_code& ec) noexcept {
    if (ec == http::error::body_limit) return 413;
    return ec == http::error::header_limit ? 431 : 400;
}

}  // namespace dbxapps::emulated
