// Everything but the emulator.
#pragma once

#include <dbxapps/app_directory.hpp>
#include <dbxapps/client.hpp>
#include <dbxapps/events.hpp>
#include <dbxapps/login.hpp>
#include <dbxapps/multipart.hpp>
#include <dbxapps/observation.hpp>
#include <dbxapps/run.hpp>
#include <dbxapps/user_login.hpp>
