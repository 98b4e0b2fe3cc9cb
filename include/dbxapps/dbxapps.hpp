// Everything but the emulator.
#pragma once

#include <dbxapps/client.hpp>
#include <dbxapps/login.hpp>
#include <dbxapps/run.hpp>
