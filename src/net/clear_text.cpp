#include <net/clear_text.hpp>

namespace dbxapps::net {

bool is_instance_metadata(std::string_view host, std::uint16_t port) noexcept {
    return port == 80 && (host == "169.254.169.254" || host == "metadata.google.internal");
}

bool may_go_in_the_clear(const address& a, bool to_instance_metadata) noexcept {
    if (a.is_loopback()) return true;
    if (!to_instance_metadata) return false;
    static const address known[] = {boost::asio::ip::make_address("169.254.169.254"),
                                    boost::asio::ip::make_address("fd20:ce::254")};  // the latter is Google's
    return a == known[0] || a == known[1];
}

}  // namespace dbxapps::net
