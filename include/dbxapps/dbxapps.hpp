// Everything but the emulator.
#pragma once

#include <dbxapps/app_directory.hpp>
#include <dbxapps/azure_login.hpp>
#include <dbxapps/cli_login.hpp>
#include <dbxapps/client.hpp>
#include <dbxapps/connect.hpp>
#include <dbxapps/events.hpp>
#include <dbxapps/federation.hpp>
#include <dbxapps/google_login.hpp>
#include <dbxapps/login.hpp>
#include <dbxapps/multipart.hpp>
#include <dbxapps/observation.hpp>
#include <dbxapps/profile.hpp>
#include <dbxapps/run.hpp>
#include <dbxapps/unified_login.hpp>
#include <dbxapps/user_login.hpp>
