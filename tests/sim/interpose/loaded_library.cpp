// A library that tests load while the program runs.

namespace {
thread_local int value = 7;
}

extern "C" int* loaded_thread_local() {
  return &value;
}

extern "C" int loaded_static() {
  static int made = [] { return 5; }();
  return made++;
}
