// While it lives, this whole process is a user whom file modes bind. Root may read everything, so then it is nobody,
// and a directory is theirs with all that is in it.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

namespace dbxapps::test {

class another_user {
public:
    explicit another_user(const std::string& directory) {
        if (was_ != 0) return;
        constexpr uid_t nobody = 65534;
        give(directory, nobody);
        for (const auto& entry : std::filesystem::recursive_directory_iterator(directory))
            give(entry.path().string(), nobody);
        bound_ &= ::seteuid(nobody) == 0;
    }
    ~another_user() { bound_ = ::seteuid(was_) == 0; }
    another_user(const another_user&) = delete;
    another_user& operator=(const another_user&) = delete;
    bool is_bound() const noexcept { return bound_; }

private:
    void give(const std::string& path, uid_t to) { bound_ &= ::lchown(path.c_str(), to, static_cast<gid_t>(-1)) == 0; }

    const uid_t was_ = ::geteuid();
    bool bound_ = true;
};

}  // namespace dbxapps::test
