// A program of its own, with a main() and no word of heddle: two counters of an office sell the last seats of a
// concert. Each looks whether there is a seat, and then takes it. `ticket_office careless` locks for each of the two,
// so both may take the last seat; `ticket_office careful` locks once for both.
//
// heddle_check_program(ticket_office) makes main() the body of each schedule. The seats are a global: every schedule
// begins with a fresh process image, so they are all there again.
#include <cassert>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>

namespace {

std::mutex office;
int seats = 3;

bool sell_carelessly() {
  {
    const std::lock_guard<std::mutex> lock(office);
    if (seats <= 0) return false;
  }
  const std::lock_guard<std::mutex> lock(office);
  --seats;
  return true;
}

bool sell_carefully() {
  const std::lock_guard<std::mutex> lock(office);
  if (seats <= 0) return false;
  --seats;
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string how = argc == 2 ? argv[1] : "";
  if (how != "careless" && how != "careful") {
    std::cerr << "usage: ticket_office careless|careful\n";
    return 2;
  }
  const auto sell = how == "careless" ? sell_carelessly : sell_carefully;
  std::thread counter([&] {
    while (sell()) {
    }
  });
  while (sell()) {
  }
  counter.join();
  std::cout << "seats left: " << seats << '\n';
  assert(seats == 0);
  return 0;
}
