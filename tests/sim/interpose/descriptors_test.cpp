// Waiting for descriptors: threads of an execution talk through real pipes and sockets in simulated time.
#include "expect_sound.hpp"

#include <atomic>
#include <cerrno>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

namespace heddle::sim::testing {
namespace {

struct channel {
  channel() { check(pipe(ends) == 0, "no pipe"); }
  channel(const channel&) = delete;
  channel& operator=(const channel&) = delete;
  ~channel() {
    close(ends[0]);
    close(ends[1]);
  }
  int ends[2];
};

std::int64_t milliseconds_now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000 + time.tv_nsec / 1'000'000;
}

TEST(Descriptors, a_thread_reads_what_another_writes_later) {
  expect_sound([] {
    channel one;
    std::thread reader([&] {
      char byte = 0;
      check(read(one.ends[0], &byte, 1) == 1 && byte == 'x', "not what was written");
    });
    sleep(3'600);
    check(write(one.ends[1], "x", 1) == 1, "not written");
    reader.join();
  });
}

TEST(Descriptors, an_eventfd_counts_what_threads_add) {
  expect_sound([] {
    const int events = eventfd(0, EFD_SEMAPHORE);
    check(events >= 0, "no eventfd");
    std::thread taker([&] {
      for (int i = 0; i < 3; ++i) {
        std::uint64_t one = 0;
        check(read(events, &one, sizeof one) == sizeof one && one == 1, "not one event");
      }
    });
    std::thread giver([&] {
      const std::uint64_t two = 2;
      check(write(events, &two, sizeof two) == sizeof two, "not added");
    });
    sleep(3'600);
    const std::uint64_t one = 1;
    check(write(events, &one, sizeof one) == sizeof one, "not added");
    giver.join();
    taker.join();
    close(events);
  });
}

TEST(Descriptors, a_full_pipe_holds_the_writer_up) {
  expect_sound(
      [] {
        channel one;
        constexpr std::size_t more_than_fits = 300'000;
        std::thread reader([&] {
          std::string buffer(4'096, ' ');
          std::size_t got = 0;
          while (got < more_than_fits) {
            const ssize_t size = read(one.ends[0], buffer.data(), buffer.size());
            check(size > 0, "nothing read");
            got += static_cast<std::size_t>(size);
          }
        });
        std::string text(1'000, 'x');
        for (std::size_t put = 0; put < more_than_fits; put += text.size()) {
          check(write(one.ends[1], text.data(), text.size()) == 1'000, "not written");
        }
        reader.join();
      },
      5);
}

TEST(Descriptors, sockets_wait_as_pipes_do) {
  expect_sound([] {
    int ends[2];
    check(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "no sockets");
    std::thread reader([&] {
      char byte = 0;
      check(recv(ends[0], &byte, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN, "waited");
      check(recv(ends[0], &byte, 1, 0) == 1 && byte == 'x', "not what was sent");
    });
    sleep(1);
    check(send(ends[1], "x", 1, 0) == 1, "not sent");
    reader.join();
    close(ends[0]);
    close(ends[1]);
  });
}

TEST(Descriptors, who_accepts_a_connection_knows_what_came_before_it) {
  machine_options options;
  options.races = true;
  expect_sound(
      [] {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* const general = reinterpret_cast<sockaddr*>(&address);
        socklen_t size = sizeof address;
        const int server = socket(AF_INET, SOCK_STREAM, 0);
        check(bind(server, general, size) == 0 && listen(server, 5) == 0, "cannot listen");
        check(getsockname(server, general, &size) == 0, "no name");
        auto datum = std::make_unique<int>(0);
        std::thread client([&] {
          *datum = 1;
          const int one = socket(AF_INET, SOCK_STREAM, 0);
          check(connect(one, general, size) == 0, "not connected");
          close(one);
        });
        const int accepted = accept(server, nullptr, nullptr);
        check(accepted >= 0 && *datum == 1, "not accepted");
        client.join();
        close(accepted);
        close(server);
      },
      20, options);
}

// Schedules of 20 in which the two uses of a pipe's end for writing race.
std::uint64_t races_of(void (*first)(int descriptor), void (*second)(int descriptor), std::memory_order order) {
  machine_options options;
  options.races = true;
  const summary all = run_schedules(
      20,
      [=] {
        int ends[2];
        check(pipe(ends) == 0, "no pipe");
        std::atomic<bool> used{false};
        std::thread other([&] {
          while (!used.load(order == std::memory_order_release ? std::memory_order_acquire : order)) {
          }
          second(ends[1]);
        });
        first(ends[1]);
        used.store(true, order);
        other.join();
        close(ends[0]);
      },
      options);
  for (const failure& one : all.failures) EXPECT_EQ(one.kind, failure_kind::data_race) << one.message;
  return all.failed;
}

void send_byte(int descriptor) {
  check(write(descriptor, "x", 1) == 1, "not written");
}
void end(int descriptor) {
  close(descriptor);
}
void replace(int descriptor) {
  check(dup2(2, descriptor) == descriptor, "not replaced");
}

TEST(Descriptors, that_are_closed_while_others_may_use_them_are_a_race) {
  EXPECT_EQ(races_of(&send_byte, &end, std::memory_order_relaxed), 20u);
  EXPECT_EQ(races_of(&send_byte, &end, std::memory_order_release), 0u);
  EXPECT_EQ(races_of(&replace, &end, std::memory_order_relaxed), 20u);
  EXPECT_EQ(races_of(&send_byte, &replace, std::memory_order_relaxed), 20u);
}

TEST(Descriptors, with_the_number_of_one_that_was_closed_are_others) {
  machine_options options;
  options.races = true;
  expect_sound(
      [] {
        const auto use = [] {
          for (int i = 0; i < 3; ++i) {
            int ends[2];
            check(pipe(ends) == 0, "no pipe");
            send_byte(ends[1]);
            close(ends[1]);
            close(ends[0]);
            std::ifstream file("/proc/version");
            std::string word;
            file >> word;
          }
        };
        std::thread one(use);
        std::thread two(use);
        one.join();
        two.join();
      },
      20, options);
}

TEST(Descriptors, who_reads_the_end_of_the_data_knows_what_came_before_it) {
  machine_options options;
  options.races = true;
  expect_sound(
      [] {
        int ends[2];
        check(pipe(ends) == 0, "no pipe");
        auto datum = std::make_unique<int>(0);
        std::thread writer([&] {
          *datum = 1;
          close(ends[1]);
        });
        char byte = 0;
        check(read(ends[0], &byte, 1) == 0 && *datum == 1, "not the end");
        writer.join();
        close(ends[0]);
      },
      20, options);
}

// Schedules of 20 that race, of two threads of which one writes to a pipe and the other reads from it or from a device.
std::uint64_t races_when_read_from(const char* device) {
  machine_options options;
  options.races = true;
  const summary all = run_schedules(
      20,
      [=] {
        const channel pipe;
        int datum = 0;
        std::thread writer([&] {
          datum = 1;
          send_byte(pipe.ends[1]);
        });
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
        const int from = device == nullptr ? dup(pipe.ends[0]) : open(device, O_RDONLY);
        char byte = 1;
        check(read(from, &byte, 1) == 1, "nothing read");
        datum = 2;
        writer.join();
        close(from);
      },
      options);
  return all.failed;
}

TEST(Descriptors, order_nothing_where_what_is_read_was_written_by_nobody) {
  EXPECT_EQ(races_when_read_from(nullptr), 0u);
  EXPECT_EQ(races_when_read_from("/dev/zero"), 20u);
}

TEST(Descriptors, timeouts_pass_in_simulated_time) {
  expect_sound([] {
    channel one;
    const std::int64_t begin = milliseconds_now();
    check(poll(nullptr, 0, 1'000'000) == 0, "poll of nothing");
    check(milliseconds_now() - begin == 1'000'000, "poll of nothing slept another time");
    pollfd wanted{.fd = one.ends[0], .events = POLLIN, .revents = 0};
    check(poll(&wanted, 1, 1'000'000) == 0, "an empty pipe is ready");
    check(milliseconds_now() - begin == 2'000'000, "poll slept another time");
    timeval span{.tv_sec = 1'000, .tv_usec = 0};
    fd_set set;
    FD_ZERO(&set);
    FD_SET(one.ends[0], &set);
    check(select(one.ends[0] + 1, &set, nullptr, nullptr, &span) == 0, "an empty pipe is ready");
    check(milliseconds_now() - begin == 3'000'000, "select slept another time");
    span = {.tv_sec = 1'000, .tv_usec = 0};
    check(select(0, nullptr, nullptr, nullptr, &span) == 0, "select of nothing");
    const int epoll = epoll_create1(0);
    epoll_event event{};
    check(epoll_wait(epoll, &event, 1, 1'000'000) == 0, "epoll of nothing");
    check(milliseconds_now() - begin == 5'000'000, "epoll_wait slept another time");
    close(epoll);
  });
}

TEST(Descriptors, whoever_waits_for_several_sees_the_one_that_is_ready) {
  expect_sound([] {
    channel one;
    channel two;
    std::thread waiter([&] {
      fd_set set;
      FD_ZERO(&set);
      FD_SET(one.ends[0], &set);
      FD_SET(two.ends[0], &set);
      check(select(1 + (one.ends[0] > two.ends[0] ? one.ends[0] : two.ends[0]), &set, nullptr, nullptr, nullptr) == 1,
            "not one is ready");
      check(FD_ISSET(two.ends[0], &set) && !FD_ISSET(one.ends[0], &set), "the other is ready");
      const int epoll = epoll_create1(0);
      epoll_event event{.events = EPOLLIN, .data = {.u32 = 7}};
      check(epoll_ctl(epoll, EPOLL_CTL_ADD, one.ends[0], &event) == 0, "not added");
      check(epoll_wait(epoll, &event, 1, -1) == 1 && event.data.u32 == 7, "not ready");
      close(epoll);
    });
    sleep(1);
    check(write(two.ends[1], "x", 1) == 1, "not written");
    sleep(1);
    check(write(one.ends[1], "x", 1) == 1, "not written");
    waiter.join();
  });
}

TEST(Descriptors, a_wait_for_one_is_a_cancellation_point) {
  expect_sound([] {
    channel one;
    pthread_t thread;
    const auto reads = [](void* end) -> void* {
      char byte = 0;
      check(read(*static_cast<int*>(end), &byte, 1) == 1, "not cancelled");
      return nullptr;
    };
    pthread_create(&thread, nullptr, reads, &one.ends[0]);
    sleep(1);
    pthread_cancel(thread);
    void* result = nullptr;
    check(pthread_join(thread, &result) == 0 && result == PTHREAD_CANCELED, "not cancelled");
  });
}

}  // namespace
}  // namespace heddle::sim::testing
