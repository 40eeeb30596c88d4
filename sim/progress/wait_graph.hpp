// Who waits for whom: the graph that tells a deadlock from other ways to be stuck.
//
// How it works. Nodes are threads and tasks. An edge says that one can go on only after another has done something, and
// how: "waits for lock #1, held by thread 2". What several others could end, such as a wait for a notification, is no
// edge. A cycle is then a deadlock whatever the schedule, and a node without edges is where the waiting comes from.
//
// Nodes are numbered in the order in which they are added, which is the order of every search: equal graphs give
// equal answers.
//
// Thread safety: none needed. Invariant: an edge leads to a node that exists.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace heddle::sim {

class wait_graph {
 public:
  using node = std::size_t;

  struct edge {
    node from = 0;
    node to = 0;
    std::string text;  // what `from` does, a verb first; it names `to`
  };

  // `name` is such as "thread 2".
  node add(std::string name);
  void add_edge(node from, node to, std::string text);

  // The edges of the first cycle, from its lowest node on; empty when there is none.
  std::vector<edge> cycle() const;
  // The edges that lead from a node to one without any, or to where they have led before; empty when it has none.
  std::vector<edge> chain_from(node begin) const;

  // The edges as a clause: "thread 1 waits for lock #1, held by thread 2, which waits for the end of
  // thread 1".
  std::string describe(const std::vector<edge>& path) const;

 private:
  struct entry {
    std::string name;
    std::vector<edge> edges;
  };
  std::vector<entry> nodes_;
};

}  // namespace heddle::sim
