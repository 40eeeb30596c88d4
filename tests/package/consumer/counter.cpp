#include "counter.hpp"

heddle::task<> add_one(counter hits) {
  hits->fetch_add(1);
  co_await heddle::yield_now();
}
