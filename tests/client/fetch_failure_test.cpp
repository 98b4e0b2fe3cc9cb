#include <fetch_failure.hpp>

#include <gtest/gtest.h>
#include <boost/asio/error.hpp>

namespace dbxapps {
namespace {

using core::fetch_fault;
using namespace std::chrono_literals;

TEST(fetch_failure, of_a_login_that_may_come_is_not_for_good) {
    failure why(errc::login_required, "log in");
    EXPECT_EQ(fault_of(why), fetch_fault::refused) << "the person was asked";
    why.retry_after = 5s;
    EXPECT_EQ(fault_of(why), fetch_fault::failed);
    failure refused(errc::token_refused, "invalid_client");
    refused.retry_after = 5s;
    EXPECT_EQ(fault_of(refused), fetch_fault::refused);
}

TEST(fetch_failure, of_a_handshake_that_broke_off_may_pass) {
    EXPECT_EQ(fault_of(failure(errc::tls_failed, "reset", boost::asio::error::connection_reset)),
              fetch_fault::transient);
    EXPECT_EQ(fault_of(failure(errc::tls_failed, "the end", boost::asio::error::eof)), fetch_fault::transient);
    EXPECT_EQ(fault_of(failure(errc::tls_failed, "the certificate")), fetch_fault::failed);
}

}  // namespace
}  // namespace dbxapps
