// Every means by which threads of C++ and POSIX are ordered, as data.
#pragma once

#include <functional>
#include <ostream>
#include <vector>

namespace heddle::sim::testing {

// Two threads around a datum, and what should order them.
struct edge {
  const char* name;
  // Calls `write` in one thread and `read` in another, ordered by the means in question.
  std::function<void(const std::function<void()>& write, const std::function<void()>& read)> run;
  bool shows = true;            // whether relaxed stores of the first are visible to the second
  bool happens_before = shows;  // whether plain accesses are ordered

  friend std::ostream& operator<<(std::ostream& out, const edge& one) { return out << one.name; }
};

void two_threads(const std::function<void()>& one, const std::function<void()>& two);

const std::vector<edge>& edges();

}  // namespace heddle::sim::testing
