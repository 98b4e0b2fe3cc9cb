#include <integration/environment.hpp>

#include <memory>

namespace dbxapps::integration {
namespace {

std::unique_ptr<app_servers> running;

class started : public testing::Environment {
public:
    void SetUp() override {
        try {
            running = std::make_unique<app_servers>();
        } catch (const std::exception& e) {
            FAIL() << e.what();
        }
    }
    void TearDown() override { running.reset(); }
};

const testing::Environment* const registered = testing::AddGlobalTestEnvironment(new started);

}  // namespace

const app_servers& servers() { return *running; }

}  // namespace dbxapps::integration
