// A body of multipart/form-data (RFC 7578): fields and files, sent with constant memory.
//
//     dbxapps::multipart_form form;
//     form.field("title", "May").file("report", "/data/may.csv", "text/csv");
//     request.body(form.body(), form.content_type());
//
// What cannot be sent (a file that cannot be read, a control character in a content type) ends the call as
// errc::bad_request. Distinct objects: safe. Shared objects: unsafe.
#pragma once

#include <dbxapps/body_source.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dbxapps {

class multipart_form {
public:
    multipart_form();  // with a boundary of its own: 128 random bits

    multipart_form& field(std::string_view name, std::string value);
    // The name of the file is sent without its folder.
    multipart_form& file(std::string_view name, std::string path,
                         std::string_view content_type = "application/octet-stream");
    multipart_form& content(std::string_view name, std::string_view filename, std::string bytes,
                            std::string_view content_type);
    multipart_form& content(std::string_view name, std::string_view filename, std::shared_ptr<body_source>,
                            std::string_view content_type);

    // A body of the parts so far, which it shares with the form: one call at a time. Its size is known if each part's
    // is, and it may begin again if each part may.
    std::shared_ptr<body_source> body() const;
    std::string content_type() const;

private:
    struct part {
        std::string head;
        std::shared_ptr<body_source> body;
    };
    class source;
    void add(std::string_view name, std::string_view filename, std::string_view content_type,
             std::shared_ptr<body_source>);

    std::string boundary_;
    std::string problem_;
    std::vector<part> parts_;
};

}  // namespace dbxapps
