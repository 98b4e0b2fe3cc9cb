// What shows from outside how calls fare: metrics of each origin, an event for each attempt, the trace it belongs to.
#pragma once

#include <dbxapps/attempt_event.hpp>
#include <dbxapps/metrics.hpp>
