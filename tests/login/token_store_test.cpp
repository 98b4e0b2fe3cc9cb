// The store on a real disk: what it keeps, who may read it, and who writes. Killed writers: token_store_kill_test.cpp.
#include <login/token_store.hpp>
#include <support/another_user.hpp>
#include <support/temporary_directory.hpp>
#include <support/workspace.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <unistd.h>

namespace dbxapps::test {
namespace {

using login::store_lock;
using login::token_store;
using oauth::stored_login;

const oauth::login_key key = {"https://ws.example", "databricks-cli", "offline_access all-apis", ""};

stored_login one(char letter, std::size_t size) {
    stored_login out;
    out.access_token.assign(size, letter);
    out.refresh_token.assign(size, letter);
    out.expires_at = 1893456000;
    return out;
}

result<store_lock> lock(const token_store& store, duration within = 10s) {
    asio::io_context io;
    result<store_lock> out = failure(errc::closed, "never ended");
    asio::co_spawn(
        io, [&]() -> awaitable<void> { out = co_await store.lock(clock::now() + within); }, asio::detached);
    run_out(io);
    return out;
}

struct TokenStore : testing::Test {
    temporary_directory home;
    std::string directory = home.path() + "/config/dbxapps/tokens";
    token_store store{directory, key};

    void write(const stored_login& login) {
        const auto held = lock(store);
        ASSERT_TRUE(held) << held.error().detail;
        const auto written = store.write(*held, login);
        ASSERT_TRUE(written) << written.error().detail;
    }
    failure unreadable() const {
        const auto r = store.read();
        if (r) {
            ADD_FAILURE() << "it was read";
            return {};
        }
        EXPECT_TRUE(r.error().is(errc::bad_config));
        EXPECT_NE(r.error().detail.find(store.file()), std::string::npos) << r.error().detail;
        EXPECT_EQ(r.error().detail.find("aaaa"), std::string::npos) << r.error().detail;
        return r.error();
    }
};

TEST_F(TokenStore, KeepsALoginInAFileForThisUserAlone) {
    ASSERT_TRUE(store.read());
    EXPECT_FALSE(store.read()->login) << "there is none yet";
    EXPECT_FALSE(std::filesystem::exists(directory)) << "reading makes nothing";
    write(one('a', 40));
    const auto back = store.read();
    ASSERT_TRUE(back && back->login);
    EXPECT_EQ(back->login->access_token, std::string(40, 'a'));
    EXPECT_EQ(back->warning, "");
    EXPECT_EQ(mode_of(directory), 0700u);
    EXPECT_EQ(mode_of(home.path() + "/config"), 0700u);
    for (const auto& file : files_in(directory))
        EXPECT_EQ(mode_of(file), 0600u) << file;
}

TEST_F(TokenStore, KeepsTheLoginsOfOtherKeysApart) {
    write(one('a', 40));
    oauth::login_key other = key;
    other.profile = "DEV";
    const token_store beside(directory, other);
    EXPECT_FALSE(beside.read()->login);
    ASSERT_TRUE(beside.write(*lock(beside), one('b', 40)));
    EXPECT_EQ(store.read()->login->access_token, std::string(40, 'a'));
    EXPECT_EQ(beside.read()->login->access_token, std::string(40, 'b'));
}

TEST_F(TokenStore, ForgetsALoginButNotTheLock) {
    write(one('a', 40));
    const std::string left_over = std::filesystem::path(store.file()).replace_extension(".tmp");
    std::ofstream(left_over) << "by a writer that was killed";
    const auto held = lock(store);
    EXPECT_TRUE(store.erase(*held));
    EXPECT_TRUE(store.erase(*held)) << "twice is no failure";
    EXPECT_FALSE(store.read()->login);
    ASSERT_EQ(files_in(directory).size(), 1u);
    EXPECT_TRUE(files_in(directory).front().ends_with(".lock"));
}

TEST_F(TokenStore, ALockThatAnotherHoldsIsWaitedForUntilTheDeadline) {
    const auto held = lock(store);
    ASSERT_TRUE(held);
    const auto refused = lock(store, 50ms);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().is(errc::timed_out));
    EXPECT_NE(refused.error().detail.find(store.file()), std::string::npos) << refused.error().detail;
}

TEST_F(TokenStore, ALockIsHadAsSoonAsTheOtherLetsGo) {
    auto held = std::make_unique<result<store_lock>>(lock(store));
    asio::io_context io;
    result<store_lock> second = failure(errc::closed, "never ended");
    asio::co_spawn(
        io, [&]() -> awaitable<void> { second = co_await store.lock(clock::now() + 60s); }, asio::detached);
    settle(io);
    EXPECT_FALSE(second);
    EXPECT_FALSE(io.stopped()) << "it waits";
    held.reset();
    run_out(io);
    EXPECT_TRUE(second);
}

TEST_F(TokenStore, AWaitForTheLockCanBeCancelled) {
    const auto held = lock(store);
    asio::io_context io;
    asio::cancellation_signal stop;
    result<store_lock> second = failure(errc::closed, "never ended");
    auto wait = [&]() -> awaitable<void> {
        co_await asio::this_coro::throw_if_cancelled(false);
        second = co_await store.lock(clock::now() + 1h);
    };
    asio::co_spawn(io, wait, asio::bind_cancellation_slot(stop.slot(), asio::detached));
    settle(io);
    stop.emit(asio::cancellation_type::terminal);
    run_out(io);
    ASSERT_FALSE(second);
    EXPECT_TRUE(second.error().is(errc::cancelled));
}

TEST_F(TokenStore, AWaitForTheLockEndsWhenItIsClosed) {
    const auto held = lock(store);
    asio::io_context io;
    const auto ends = std::make_shared<net::stops>();
    result<store_lock> second = failure(errc::cancelled, "never ended");
    asio::co_spawn(
        io, [&]() -> awaitable<void> { second = co_await store.lock(clock::now() + 1h, ends); }, asio::detached);
    settle(io);
    ends->stop();
    run_out(io);
    ASSERT_FALSE(second);
    EXPECT_TRUE(second.error().is(errc::closed));
}

TEST_F(TokenStore, WhatOthersCouldReadIsNarrowedAndTold) {
    write(one('a', 40));
    for (const mode_t wide : {0644, 0640, 0604, 0660}) {
        ASSERT_EQ(::chmod(store.file().c_str(), wide), 0);
        const auto r = store.read();
        ASSERT_TRUE(r && r->login);
        EXPECT_NE(r->warning.find(store.file()), std::string::npos) << r->warning;
        EXPECT_EQ(r->warning.find("aaaa"), std::string::npos) << r->warning;
        EXPECT_EQ(mode_of(store.file()), 0600u);
        EXPECT_EQ(store.read()->warning, "") << "told once";
    }
}

TEST_F(TokenStore, ADamagedFileIsNamedAndStaysAsItIs) {
    write(one('a', 40));
    const std::string half = text_of_file(store.file()).substr(0, 90);
    for (const std::string& text :
         {half, std::string(), std::string("{}"), std::string(10u << 20, ' '), half + std::string(1, '\0')}) {
        make_file(store.file(), text);
        const failure why = unreadable();
        EXPECT_NE(why.detail.find("the token store"), std::string::npos) << why.detail;
        EXPECT_EQ(text_of_file(store.file()), text);
    }
}

TEST_F(TokenStore, OnlyAPlainFileOfTheUsersOwnIsRead) {
    write(one('a', 40));
    const std::string elsewhere = home.path() + "/elsewhere.json";
    std::filesystem::rename(store.file(), elsewhere);
    std::filesystem::create_symlink(elsewhere, store.file());
    unreadable();
    std::filesystem::remove(store.file());
    ASSERT_EQ(::mkfifo(store.file().c_str(), 0600), 0);
    unreadable();
    std::filesystem::remove(store.file());
    std::filesystem::create_directory(store.file());
    unreadable();
}

TEST_F(TokenStore, AFileThatCannotBeReadIsNamed) {
    write(one('a', 40));
    ASSERT_EQ(::chmod(store.file().c_str(), 0), 0);
    const another_user somebody(home.path());
    ASSERT_TRUE(somebody.is_bound());
    EXPECT_EQ(unreadable().cause, boost::system::errc::permission_denied);
    ASSERT_EQ(::chmod(directory.c_str(), 0), 0);
    EXPECT_EQ(unreadable().cause, boost::system::errc::permission_denied);
    ASSERT_EQ(::chmod(directory.c_str(), 0700), 0);
}

TEST_F(TokenStore, OfAnotherUserIsRefusedAndNamed) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root gives files away";
    write(one('a', 40));
    ASSERT_EQ(::chown(store.file().c_str(), 65534, static_cast<gid_t>(-1)), 0);
    EXPECT_NE(unreadable().detail.find("is not a plain file of this user"), std::string::npos);
    ASSERT_EQ(::chown(directory.c_str(), 65534, static_cast<gid_t>(-1)), 0);
    const auto r = store.read();
    ASSERT_FALSE(r);
    EXPECT_NE(r.error().detail.find("the directory " + directory + " belongs to another user"), std::string::npos)
        << r.error().detail;
}

TEST_F(TokenStore, ALoopOfLinksOnTheWayIsNamed) {
    std::filesystem::create_directories(home.path() + "/config/dbxapps");
    std::filesystem::create_symlink("tokens", directory);
    EXPECT_EQ(unreadable().cause, boost::system::errc::too_many_symbolic_link_levels);
}

TEST_F(TokenStore, AWriteFollowsNoLinkAndTrustsNoModeOfWhatIsLeftOver) {
    write(one('a', 40));
    std::string left_over = store.file();
    left_over.replace(left_over.rfind(".json"), 5, ".tmp");
    const std::string victim = home.path() + "/victim";
    make_file(victim, "untouched");
    std::filesystem::create_symlink(victim, left_over);
    const auto held = lock(store);
    const auto written = store.write(*held, one('b', 40));
    ASSERT_FALSE(written);
    EXPECT_NE(written.error().detail.find(store.file()), std::string::npos) << written.error().detail;
    EXPECT_EQ(text_of_file(victim), "untouched");
    EXPECT_EQ(store.read()->login->access_token, std::string(40, 'a'));

    std::filesystem::remove(left_over);
    make_file(left_over, std::string(100000, 'x'), 0666);
    ASSERT_TRUE(store.write(*held, one('b', 40)));
    EXPECT_EQ(mode_of(store.file()), 0600u) << "before anybody reads it, which would narrow it too";
    EXPECT_EQ(store.read()->login->access_token, std::string(40, 'b'));
}

TEST_F(TokenStore, ADirectoryThatOthersMayWriteToIsRefused) {
    write(one('a', 40));
    for (const mode_t wide : {0777, 01777, 0770, 0722}) {
        ASSERT_EQ(::chmod(directory.c_str(), wide), 0);
        EXPECT_NE(store.read().error().detail.find("others may write to it"), std::string::npos);
        const auto held = lock(store);
        ASSERT_FALSE(held);
        EXPECT_TRUE(held.error().is(errc::bad_config));
        EXPECT_EQ(mode_of(directory), wide) << "it may be there for another purpose";
    }
    ASSERT_EQ(::chmod(directory.c_str(), 0700), 0);
    EXPECT_TRUE(store.read());
}

TEST_F(TokenStore, ThatCannotBeMadeSaysWhy) {
    make_file(home.path() + "/file", "");
    const token_store impossible(home.path() + "/file/tokens", key);
    const auto held = lock(impossible);
    ASSERT_FALSE(held);
    EXPECT_TRUE(held.error().is(errc::bad_config));
    EXPECT_EQ(held.error().cause, boost::system::errc::not_a_directory);
}

}  // namespace
}  // namespace dbxapps::test
