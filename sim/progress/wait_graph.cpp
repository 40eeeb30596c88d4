#include "wait_graph.hpp"

#include <algorithm>
#include <utility>

namespace heddle::sim {

wait_graph::node wait_graph::add(std::string name) {
  nodes_.push_back({.name = std::move(name), .edges = {}});
  return nodes_.size() - 1;
}

void wait_graph::add_edge(node from, node to, std::string text) {
  nodes_[from].edges.push_back({.from = from, .to = to, .text = std::move(text)});
}

// Depth first, without recursion: a chain of tasks may be as long as there are tasks, and the caller's stack is small.
std::vector<wait_graph::edge> wait_graph::cycle() const {
  enum class mark : unsigned char { fresh, on_path, done };
  std::vector<mark> marks(nodes_.size(), mark::fresh);
  std::vector<std::size_t> next(nodes_.size());  // edge of the node to follow
  std::vector<node> path;
  for (node begin = 0; begin < nodes_.size(); ++begin) {
    if (marks[begin] == mark::fresh) path.push_back(begin);
    while (!path.empty()) {
      const node at = path.back();
      marks[at] = mark::on_path;
      if (next[at] == nodes_[at].edges.size()) {
        marks[at] = mark::done;
        path.pop_back();
        continue;
      }
      const node to = nodes_[at].edges[next[at]++].to;
      if (marks[to] == mark::fresh) path.push_back(to);
      if (marks[to] != mark::on_path) continue;
      std::vector<edge> found;
      for (auto one = std::find(path.begin(), path.end(), to); one != path.end(); ++one) {
        found.push_back(nodes_[*one].edges[next[*one] - 1]);
      }
      const auto lowest = std::min_element(found.begin(), found.end(),
                                           [](const edge& one, const edge& other) { return one.from < other.from; });
      std::rotate(found.begin(), lowest, found.end());
      return found;
    }
  }
  return {};
}

std::vector<wait_graph::edge> wait_graph::chain_from(node begin) const {
  std::vector<edge> path;
  std::vector<bool> seen(nodes_.size());
  for (node at = begin; !seen[at] && !nodes_[at].edges.empty(); at = path.back().to) {
    seen[at] = true;
    path.push_back(nodes_[at].edges.front());
  }
  return path;
}

std::string wait_graph::describe(const std::vector<edge>& path) const {
  if (path.empty()) return {};
  std::string text = nodes_[path.front().from].name + " " + path.front().text;
  for (std::size_t i = 1; i < path.size(); ++i) text += ", which " + path[i].text;
  return text;
}

}  // namespace heddle::sim
