// Not built with heddle: the command must not even run it.
#include <fstream>

int main(int, char** argv) {
  std::ofstream(argv[1]) << "it ran";
}
