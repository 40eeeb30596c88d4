#pragma once

#include <heddle/runtime.hpp>

#include <atomic>
#include <memory>

using counter = std::shared_ptr<std::atomic<int>>;

heddle::task<> add_one(counter hits);
