#include <cli/json_text.hpp>

#include <boost/json/serialize.hpp>

namespace dbxapps::cli {
namespace {

namespace json = boost::json;

void write(std::string& out, const json::value& v, std::string indent) {
    const std::string inner = indent + "  ";
    std::string between = "\n";
    if (const auto* object = v.if_object(); object && !object->empty()) {
        out += '{';
        for (const auto& [key, value] : *object) {
            out += between + inner + json::serialize(json::value(key)) + ": ";
            write(out, value, inner);
            between = ",\n";
        }
        out += '\n' + indent + '}';
    } else if (const auto* array = v.if_array(); array && !array->empty()) {
        out += '[';
        for (const auto& value : *array) {
            out += between + inner;
            write(out, value, inner);
            between = ",\n";
        }
        out += '\n' + indent + ']';
    } else {
        out += json::serialize(v);
    }
}

}  // namespace

std::string json_text(const json::value& v) {
    std::string out;
    write(out, v, "");
    return out;
}

}  // namespace dbxapps::cli
