#include "programs.hpp"

#include <thread>

namespace heddle::sim::testing {

namespace {

using order = std::memory_order;
constexpr order rlx = std::memory_order_relaxed;
constexpr order acq = std::memory_order_acquire;
constexpr order rel = std::memory_order_release;
constexpr order acq_rel = std::memory_order_acq_rel;
constexpr order sc = std::memory_order_seq_cst;

using step = std::function<void(litmus_state&)>;
using word = std::atomic<int> litmus_state::*;
constexpr word x = &litmus_state::x;
constexpr word y = &litmus_state::y;
constexpr word z = &litmus_state::z;

step store(word to, int value, order how) {
  return [=](litmus_state& s) { (s.*to).store(value, how); };
}
step load(std::size_t into, word from, order how) {
  return [=](litmus_state& s) { s.r.at(into) = (s.*from).load(how); };
}
step add(std::size_t into, word to, int value, order how) {
  return [=](litmus_state& s) { s.r.at(into) = (s.*to).fetch_add(value, how); };
}
step exchange(word to, int value, order how) {
  return [=](litmus_state& s) { (s.*to).exchange(value, how); };
}
// Into the register the value seen.
step compare_exchange(std::size_t into, word to, int expected, int desired, order success, order failure) {
  return [=](litmus_state& s) {
    int seen = expected;
    (s.*to).compare_exchange_strong(seen, desired, success, failure);
    s.r.at(into) = seen;
  };
}
step fence(order how) {
  return [=](litmus_state&) { std::atomic_thread_fence(how); };
}
// What follows is done only if the register holds `value`.
step when(std::size_t reg, int value, step then) {
  return [=](litmus_state& s) {
    if (s.r.at(reg) == value) then(s);
  };
}
template <typename... Steps>
step in_order(Steps... steps) {
  return [=](litmus_state& s) { (steps(s), ...); };
}

// All outcomes of registers that are 0 or 1, but the given ones.
outcomes bits_without(std::size_t registers, const outcomes& forbidden) {
  outcomes all;
  for (unsigned bits = 0; bits < 1U << registers; ++bits) {
    std::string one;
    for (std::size_t i = 0; i < registers; ++i) one += (bits >> i & 1U) != 0 ? '1' : '0';
    if (!forbidden.contains(one)) all.insert(one);
  }
  return all;
}

void add_store_buffering(std::vector<litmus>& all) {
  const auto sb = [&](const std::string& name, order writes, order reads, const step& one, const step& two,
                      const outcomes& forbidden) {
    all.push_back(
        {"SB" + name,
         {in_order(store(x, 1, writes), one, load(0, y, reads)), in_order(store(y, 1, writes), two, load(1, x, reads))},
         2,
         "",
         bits_without(2, forbidden)});
  };
  const step nothing = [](litmus_state&) {};
  sb("+rlx", rlx, rlx, nothing, nothing, {});
  sb("+rel+acq", rel, acq, nothing, nothing, {});
  sb("+sc", sc, sc, nothing, nothing, {"00"});
  sb("+rlx+scfences", rlx, rlx, fence(sc), fence(sc), {"00"});
  sb("+rlx+onescfence", rlx, rlx, fence(sc), nothing, {});
  sb("+rlx+arfences", rlx, rlx, fence(acq_rel), fence(acq_rel), {});
  sb("+scstores+acqloads", sc, acq, nothing, nothing, {});
  sb("+relstores+scloads", rel, sc, nothing, nothing, {});
  // A fence on one side, seq_cst operations on the other: they share one order.
  all.push_back({"SB+sc+scfence",
                 {in_order(store(x, 1, sc), load(0, y, sc)), in_order(store(y, 1, rlx), fence(sc), load(1, x, rlx))},
                 2,
                 "",
                 bits_without(2, {"00"})});
  all.push_back(
      {"SB+rmws",
       {in_order(exchange(x, 1, acq_rel), load(0, y, acq)), in_order(exchange(y, 1, acq_rel), load(1, x, acq))},
       2,
       "",
       bits_without(2, {})});
  all.push_back({"SB+rlx+rmwreads",
                 {in_order(store(x, 1, rlx), add(0, y, 0, acq_rel)), in_order(store(y, 1, rlx), add(1, x, 0, acq_rel))},
                 2,
                 "",
                 bits_without(2, {})});
  all.push_back({"SB+scrmws",
                 {in_order(store(x, 1, sc), add(0, y, 0, sc)), in_order(store(y, 1, sc), add(1, x, 0, sc))},
                 2,
                 "",
                 bits_without(2, {"00"})});
}

void add_message_passing(std::vector<litmus>& all) {
  const auto mp = [&](const std::string& name, const step& writer, const step& reader, const outcomes& forbidden) {
    all.push_back({"MP" + name, {writer, reader}, 2, "", bits_without(2, forbidden)});
  };
  const step reads_x = load(1, x, rlx);
  mp("+rlx", in_order(store(x, 1, rlx), store(y, 1, rlx)), in_order(load(0, y, rlx), reads_x), {});
  mp("+rel+acq", in_order(store(x, 1, rlx), store(y, 1, rel)), in_order(load(0, y, acq), reads_x), {"10"});
  mp("+rel+rlx", in_order(store(x, 1, rlx), store(y, 1, rel)), in_order(load(0, y, rlx), reads_x), {});
  mp("+rlx+acq", in_order(store(x, 1, rlx), store(y, 1, rlx)), in_order(load(0, y, acq), reads_x), {});
  mp("+sc", in_order(store(x, 1, sc), store(y, 1, sc)), in_order(load(0, y, sc), load(1, x, sc)), {"10"});
  mp("+fences", in_order(store(x, 1, rlx), fence(rel), store(y, 1, rlx)),
     in_order(load(0, y, rlx), fence(acq), reads_x), {"10"});
  mp("+relfence+rlx", in_order(store(x, 1, rlx), fence(rel), store(y, 1, rlx)), in_order(load(0, y, rlx), reads_x), {});
  mp("+rel+acqfence", in_order(store(x, 1, rlx), store(y, 1, rel)), in_order(load(0, y, rlx), fence(acq), reads_x),
     {"10"});
  mp("+scfences", in_order(store(x, 1, rlx), fence(sc), store(y, 1, rlx)),
     in_order(load(0, y, rlx), fence(sc), reads_x), {"10"});
  mp("+rel+failedcas", in_order(store(x, 1, rlx), store(y, 1, rel)),
     in_order(compare_exchange(0, y, 7, 8, rlx, acq), reads_x), {"10"});
  mp("+rel+rlxcas", in_order(store(x, 1, rlx), store(y, 1, rel)),
     in_order(compare_exchange(0, y, 7, 8, rlx, rlx), reads_x), {});
  mp("+relrmw+acqrmw", in_order(store(x, 1, rlx), exchange(y, 1, rel)), in_order(add(0, y, 0, acq), reads_x), {"10"});
}

// What is stored after a release is not part of what it tells.
void add_later_stores(std::vector<litmus>& all) {
  all.push_back({"MP+laterstores",
                 {in_order(store(y, 1, rel), store(x, 1, rlx), store(z, 1, rlx)),
                  in_order(load(0, y, acq), load(1, z, rlx), load(2, x, rlx))},
                 3,
                 "",
                 bits_without(3, {})});
}

void add_release_sequences(std::vector<litmus>& all) {
  const step writer = in_order(store(x, 1, rlx), store(y, 1, rel));
  const step reader = in_order(load(0, y, acq), when(0, 2, load(1, x, rlx)));
  all.push_back({"RelSeq+rmw", {writer, add(2, y, 1, rlx), reader}, 2, "", {"00", "10", "21"}});
  all.push_back({"RelSeq+otherstore", {writer, store(y, 2, rlx), reader}, 2, "", {"00", "10", "20", "21"}});
  // C++20 took the later stores of the releasing thread out of the sequence.
  all.push_back({"RelSeq+ownstore",
                 {in_order(store(x, 1, rlx), store(y, 1, rel), store(y, 2, rlx)), reader},
                 2,
                 "",
                 {"00", "10", "20", "21"}});
  all.push_back({"RelSeq+fence+rmw",
                 {in_order(store(x, 1, rlx), fence(rel), store(y, 1, rlx)), add(2, y, 1, rlx), reader},
                 2,
                 "",
                 {"00", "10", "21"}});
}

void add_coherence(std::vector<litmus>& all) {
  all.push_back({"CoRR", {store(x, 1, rlx), in_order(load(0, x, rlx), load(1, x, rlx))}, 2, "", {"00", "01", "11"}});
  all.push_back({"CoWR", {in_order(store(x, 1, rlx), load(0, x, rlx)), store(x, 2, rlx)}, 1, "x", {"12", "22", "11"}});
  all.push_back({"CoRW", {in_order(load(0, x, rlx), store(x, 1, rlx)), store(x, 2, rlx)}, 1, "x", {"01", "02", "21"}});
  all.push_back({"CoWW", {in_order(store(x, 1, rlx), store(x, 2, rlx))}, 0, "x", {"2"}});
  // Reads that were passed on: what one thread has seen and told, the other may not overlook.
  all.push_back(
      {"CoRR+told",
       {store(x, 1, rlx), in_order(load(0, x, rlx), store(y, 1, rel)), in_order(load(1, y, acq), load(2, x, rlx))},
       3,
       "",
       bits_without(3, {"110"})});
  outcomes agreeing;
  for (const char* one : {"00", "01", "02", "11", "22", "12", "21"}) {
    for (const char* two : {"00", "01", "02", "11", "22", "12", "21"}) {
      if (std::string(one) + two != "1221" && std::string(one) + two != "2112") {
        agreeing.insert(std::string(one) + two);
      }
    }
  }
  all.push_back({"CoRR2",
                 {store(x, 1, rlx), store(x, 2, rlx), in_order(load(0, x, rlx), load(1, x, rlx)),
                  in_order(load(2, x, rlx), load(3, x, rlx))},
                 4,
                 "",
                 agreeing});
  all.push_back({"RMW", {add(0, x, 1, rlx), add(1, x, 1, rlx)}, 2, "x", {"012", "102"}});
  all.push_back({"CAS",
                 {compare_exchange(0, x, 0, 1, rlx, rlx), compare_exchange(1, x, 0, 2, rlx, rlx)},
                 2,
                 "x",
                 {"011", "202"}});
}

void add_causality(std::vector<litmus>& all) {
  const auto wrc = [&](const std::string& name, order writes, order reads, const outcomes& forbidden) {
    all.push_back({"WRC" + name,
                   {store(x, 1, rlx), in_order(load(0, x, reads), store(y, 1, writes)),
                    in_order(load(1, y, reads), load(2, x, rlx))},
                   3,
                   "",
                   bits_without(3, forbidden)});
  };
  wrc("+rlx", rlx, rlx, {});
  wrc("+rel+acq", rel, acq, {"110"});
  all.push_back({"ISA2+rel+acq",
                 {in_order(store(x, 1, rlx), store(y, 1, rel)), in_order(load(0, y, acq), store(z, 1, rel)),
                  in_order(load(1, z, acq), load(2, x, rlx))},
                 3,
                 "",
                 bits_without(3, {"110"})});
  const auto iriw = [&](const std::string& name, order how, const step& between, const outcomes& forbidden) {
    all.push_back(
        {"IRIW" + name,
         {store(x, 1, how == acq ? rel : how), store(y, 1, how == acq ? rel : how),
          in_order(load(0, x, how), between, load(1, y, how)), in_order(load(2, y, how), between, load(3, x, how))},
         4,
         "",
         bits_without(4, forbidden)});
  };
  const step nothing = [](litmus_state&) {};
  iriw("+rlx", rlx, nothing, {});
  iriw("+rel+acq", acq, nothing, {});
  iriw("+sc", sc, nothing, {"1010"});
  iriw("+rlx+scfences", rlx, fence(sc), {"1010"});
  const auto rwc = [&](const std::string& name, order how, const step& between, const outcomes& forbidden) {
    all.push_back({"RWC" + name,
                   {store(x, 1, how), in_order(load(0, x, how), between, load(1, y, how)),
                    in_order(store(y, 1, how), between, load(2, x, how))},
                   3,
                   "",
                   bits_without(3, forbidden)});
  };
  rwc("+rlx", rlx, nothing, {});
  rwc("+sc", sc, nothing, {"100"});
  rwc("+rlx+scfences", rlx, fence(sc), {"100"});
  all.push_back({"W+RWC+scfences",
                 {in_order(store(x, 1, rlx), store(y, 1, rel)), in_order(load(0, y, acq), fence(sc), load(1, z, rlx)),
                  in_order(store(z, 1, rlx), fence(sc), load(2, x, rlx))},
                 3,
                 "",
                 bits_without(3, {"100"})});
}

void add_writes(std::vector<litmus>& all) {
  const auto two_writers = [&](const std::string& name, order how, const step& between, const outcomes& allowed) {
    all.push_back(
        {"2+2W" + name,
         {in_order(store(x, 1, how), between, store(y, 2, how)), in_order(store(y, 1, how), between, store(x, 2, how))},
         0,
         "xy",
         allowed});
  };
  const step nothing = [](litmus_state&) {};
  two_writers("+rlx", rlx, nothing, {"11", "12", "21", "22"});
  two_writers("+rel", rel, nothing, {"11", "12", "21", "22"});
  two_writers("+sc", sc, nothing, {"12", "21", "22"});
  two_writers("+rlx+scfences", rlx, fence(sc), {"12", "21", "22"});
  const auto r = [&](const std::string& name, order how, const step& between, const outcomes& allowed) {
    all.push_back(
        {"R" + name,
         {in_order(store(x, 1, how), between, store(y, 1, how)), in_order(store(y, 2, how), between, load(0, x, how))},
         1,
         "y",
         allowed});
  };
  r("+rlx", rlx, nothing, {"01", "02", "11", "12"});
  r("+sc", sc, nothing, {"01", "11", "12"});
  r("+rlx+scfences", rlx, fence(sc), {"01", "11", "12"});
  const auto s = [&](const std::string& name, order writes, order reads, const outcomes& allowed) {
    all.push_back({"S" + name,
                   {in_order(store(x, 2, rlx), store(y, 1, writes)), in_order(load(0, y, reads), store(x, 1, rlx))},
                   1,
                   "x",
                   allowed});
  };
  s("+rlx", rlx, rlx, {"01", "02", "11", "12"});
  s("+rel+acq", rel, acq, {"01", "02", "11"});
}

void add_what_is_not_modelled(std::vector<litmus>& all) {
  all.push_back({"LB+rlx",
                 {in_order(load(0, x, rlx), store(y, 1, rlx)), in_order(load(1, y, rlx), store(x, 1, rlx))},
                 2,
                 "",
                 {"00", "01", "10", "11"},
                 {"11"}});
  all.push_back({"LB+acq+rel",
                 {in_order(load(0, x, acq), store(y, 1, rel)), in_order(load(1, y, acq), store(x, 1, rel))},
                 2,
                 "",
                 {"00", "01", "10"}});
  // P0668: the order of seq_cst operations need not agree with happens-before among other orders.
  all.push_back({"Z6.U",
                 {in_order(store(x, 1, sc), store(y, 1, rel)), in_order(add(0, y, 1, sc), load(1, y, rlx)),
                  in_order(store(y, 3, sc), load(2, x, sc))},
                 3,
                 "",
                 {"010", "011", "030", "031", "120", "121", "130", "131", "310", "311", "340", "341"},
                 {"130"}});
}

}  // namespace

const std::vector<litmus>& all_litmus() {
  static const std::vector<litmus> all = [] {
    std::vector<litmus> result;
    add_store_buffering(result);
    add_message_passing(result);
    add_later_stores(result);
    add_release_sequences(result);
    add_coherence(result);
    add_causality(result);
    add_writes(result);
    add_what_is_not_modelled(result);
    return result;
  }();
  return all;
}

std::string outcome_of(const litmus& program) {
  litmus_state state;
  std::vector<std::thread> threads;
  for (const step& one : program.threads) threads.emplace_back([&] { one(state); });
  for (std::thread& one : threads) one.join();
  std::string outcome;
  for (std::size_t i = 0; i < program.registers; ++i) outcome += static_cast<char>('0' + state.r.at(i));
  for (const char name : program.final_words) {
    const std::atomic<int>& at = name == 'x' ? state.x : name == 'y' ? state.y : state.z;
    outcome += static_cast<char>('0' + at.load(rlx));
  }
  return outcome;
}

}  // namespace heddle::sim::testing
