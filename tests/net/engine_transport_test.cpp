// What a token cache's transport sends in the clear, and what it refuses before anything is looked up or dialled.
#include <net/engine_transport.hpp>
#include <support/plain_server.hpp>

namespace dbxapps::net {
namespace {

using namespace std::chrono_literals;
using asio::awaitable;
using test::run_out;

struct engine_transport_test : testing::Test {
    asio::io_context io;
    engine_options options;

    result<response> exchange(const std::string& url, bool metadata) {
        result<response> out = failure(errc::closed, "never ended");
        auto made = engine::make(loop(io.get_executor()), options);
        if (!made) return made.error();
        engine_transport wire(*made);
        transport_request request("GET", url);
        request.to_instance_metadata = metadata;
        asio::co_spawn(
            io, [&]() -> awaitable<void> { out = co_await wire.exchange(std::move(request), clock::now() + 10s); },
            asio::detached);
        run_out(io);
        (*made)->close();
        return out;
    }
    // Names lead here instead; nothing leaves the machine.
    void lead(const std::string& host, const std::string& address) {
        host_override o;
        o.host = host;
        o.address = address;
        options.network.resolve.push_back(o);
    }
    errc why_not(const std::string& url, bool metadata) {
        const auto r = exchange(url, metadata);
        if (r) {
            ADD_FAILURE() << url << " was answered";
            return errc::closed;
        }
        return static_cast<errc>(r.error().code.value());
    }
};

const std::string ours = "http://169.254.169.254/metadata/identity/oauth2/token";
const std::string googles = "http://metadata.google.internal/computeMetadata/v1/";

TEST_F(engine_transport_test, WithoutTheFlagAMetadataServiceIsRefused) {
    lead("169.254.169.254", "127.0.0.1");
    lead("metadata.google.internal", "127.0.0.1");
    EXPECT_EQ(why_not(ours, false), errc::bad_request);
    EXPECT_EQ(why_not(googles, false), errc::bad_request);
}

TEST_F(engine_transport_test, WithTheFlagEverybodyElseIsStillRefused) {
    lead("*.example", "127.0.0.1");
    for (const char* url : {"http://w.example/", "http://169.254.169.253/", "http://169.254.169.254:8080/",
                            "http://metadata.google.internal:8080/", "http://metadata.google.internal.example/"}) {
        EXPECT_EQ(why_not(url, true), errc::bad_request) << url;
    }
}

// That nobody listens there says that it was dialled.
TEST_F(engine_transport_test, WithTheFlagAMetadataServiceIsDialledAndByNoProxy) {
    options.network.proxy.url = "http://127.0.0.3:1";
    lead("metadata.google.internal", "127.0.0.2");
    const auto r = exchange(googles, true);
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::connect_failed)) << r.error().detail;
    EXPECT_NE(r.error().detail.find("127.0.0.2: "), std::string::npos) << r.error().detail;
}

TEST_F(engine_transport_test, ANameOfAMetadataServiceThatLeadsElsewhereIsNotDialled) {
    lead("metadata.google.internal", "192.0.2.1");
    lead("169.254.169.254", "192.0.2.1");
    EXPECT_EQ(why_not(googles, true), errc::host_not_allowed);
    EXPECT_EQ(why_not(ours, true), errc::host_not_allowed);
}

TEST_F(engine_transport_test, TheFlagChangesNothingForLoopback) {
    for (const bool metadata : {false, true}) {
        test::plain_server server(io, {{{"HTTP/1.1 204 X\r\n\r\n", test::exchange_script::after::close}}});
        const std::string url = server.url();
        result<response> r = failure(errc::closed, "");
        auto made = engine::make(loop(io.get_executor()), options);
        engine_transport wire(*made);
        transport_request request("GET", url);
        request.to_instance_metadata = metadata;
        asio::co_spawn(
            io,
            [&]() -> awaitable<void> {
                r = co_await wire.exchange(std::move(request), clock::now() + 10s);
                server.stop();
            },
            asio::detached);
        run_out(io);
        ASSERT_TRUE(r) << r.error().detail;
        EXPECT_EQ(r->status(), 204);
    }
}

}  // namespace
}  // namespace dbxapps::net
