#include "progress/wait_graph.hpp"

#include <gtest/gtest.h>

namespace heddle::sim {
namespace {

wait_graph threads(std::size_t count) {
  wait_graph graph;
  for (std::size_t i = 0; i < count; ++i) graph.add("thread " + std::to_string(i));
  return graph;
}

TEST(WaitGraph, a_chain_is_no_cycle_and_ends_at_who_waits_for_nobody) {
  wait_graph graph = threads(4);
  graph.add_edge(0, 2, "joins thread 2");
  graph.add_edge(2, 1, "wants what thread 1 has");
  graph.add_edge(3, 1, "joins thread 1");
  EXPECT_TRUE(graph.cycle().empty());
  EXPECT_EQ(graph.describe(graph.chain_from(0)), "thread 0 joins thread 2, which wants what thread 1 has");
  EXPECT_TRUE(graph.chain_from(1).empty());
}

TEST(WaitGraph, a_cycle_begins_at_its_lowest_node_and_leaves_out_who_only_waits_for_it) {
  wait_graph graph = threads(4);
  graph.add_edge(0, 3, "joins thread 3");
  graph.add_edge(3, 1, "wants thread 1");
  graph.add_edge(1, 2, "wants thread 2");
  graph.add_edge(2, 3, "wants thread 3");
  EXPECT_EQ(graph.describe(graph.cycle()), "thread 1 wants thread 2, which wants thread 3, which wants thread 1");
}

TEST(WaitGraph, a_node_may_wait_for_itself) {
  wait_graph graph = threads(2);
  graph.add_edge(1, 1, "waits for what it holds itself");
  EXPECT_EQ(graph.describe(graph.cycle()), "thread 1 waits for what it holds itself");
}

TEST(WaitGraph, every_edge_of_a_node_is_followed) {
  wait_graph graph = threads(3);
  graph.add_edge(0, 1, "wants a reader");
  graph.add_edge(0, 2, "wants another reader");
  graph.add_edge(2, 0, "wants thread 0");
  EXPECT_EQ(graph.describe(graph.cycle()), "thread 0 wants another reader, which wants thread 0");
}

TEST(WaitGraph, a_chain_that_comes_back_to_itself_ends_there) {
  wait_graph graph = threads(2);
  graph.add_edge(0, 1, "wants thread 1");
  graph.add_edge(1, 0, "wants thread 0");
  EXPECT_EQ(graph.chain_from(0).size(), 2u);
}

}  // namespace
}  // namespace heddle::sim
