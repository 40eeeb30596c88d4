// What is known of types of the standard library whose members do not show it.
//
// How it works. Specialisations of `known` for what has a name here, of `recognised` for what only its members tell.
// What is neither is found by its shape (send_rules.hpp), containers for instance, or refused: a type that nobody
// thought of does not hold.
#pragma once

#include "heddle/runtime/detail/send_rules.hpp"

#include <any>
#include <array>
#include <atomic>
#include <concepts>
#include <coroutine>
#include <exception>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string_view>
#include <system_error>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace heddle::detail {

// All parts hold.
template <question Asked, class Parts, class... Path>
struct all_parts;
template <question Asked, class... Parts, class... Path>
struct all_parts<Asked, type_list<Parts...>, Path...>
    : first_broken<behind_t<part_verdict<Asked, Parts, Path...>, why::element<Parts>>...> {};

template <question Asked, class First, class Second, class... Path>
struct known<Asked, std::pair<First, Second>, Path...> : all_parts<Asked, type_list<First, Second>, Path...> {};
template <question Asked, class... Parts, class... Path>
struct known<Asked, std::tuple<Parts...>, Path...> : all_parts<Asked, type_list<Parts...>, Path...> {};
template <question Asked, class... Parts, class... Path>
struct known<Asked, std::variant<Parts...>, Path...> : all_parts<Asked, type_list<Parts...>, Path...> {};
template <question Asked, class T, std::size_t Size, class... Path>
struct known<Asked, std::array<T, Size>, Path...> : all_parts<Asked, type_list<T>, Path...> {};
template <question Asked, class T, class... Path>
struct known<Asked, std::optional<T>, Path...> : all_parts<Asked, type_list<T>, Path...> {};

// The commonest container; others are known by their members.
template <question Asked, class T, class Allocator, class... Path>
struct known<Asked, std::vector<T, Allocator>, Path...>
    : first_broken<behind_t<part_verdict<Asked, T, Path...>, why::element<T>>,
                   behind_t<verdict<Asked, Allocator, Path...>, why::allocator<Allocator>>> {};
template <question Asked, class T, class... Path>
struct known<Asked, std::vector<T>, Path...> {
  using type = behind_t<part_verdict<Asked, T, Path...>, why::element<T>>;
};

// What void points to is not known.
template <class Pointer, class Pointee, class Verdict>
struct pointee_verdict {
  using type = behind_t<Verdict, why::pointee<Pointee>>;
};
template <class Pointer, class Verdict>
struct pointee_verdict<Pointer, void, Verdict> {
  using type = broken<why::hides_what_it_holds<Pointer>>;
};

// The only owner.
template <question Asked, class T, class Deleter, class... Path>
struct known<Asked, std::unique_ptr<T, Deleter>, Path...>
    : first_broken<typename pointee_verdict<std::unique_ptr<T, Deleter>, std::remove_cv_t<T>,
                                            verdict<Asked, std::remove_extent_t<T>, Path...>>::type,
                   behind_t<part_verdict<Asked, Deleter, Path...>, why::deleter<Deleter>>> {};

// Several owners, on any threads, and the last one destroys.
template <question Asked, class T, class... Path>
struct known<Asked, std::shared_ptr<T>, Path...>
    : pointee_verdict<std::shared_ptr<T>, std::remove_cv_t<T>, shared_verdict<std::remove_extent_t<T>, Path...>> {};
template <question Asked, class T, class... Path>
struct known<Asked, std::weak_ptr<T>, Path...>
    : pointee_verdict<std::weak_ptr<T>, std::remove_cv_t<T>, shared_verdict<std::remove_extent_t<T>, Path...>> {};

// Whose purpose is to be used by several threads. An atomic pointer is one: who wrote it thought of them.
template <question Asked, class T, class... Path>
struct known<Asked, std::atomic<T>, Path...> {
  using type = behind_t<verdict<question::send, T, Path...>, why::element<T>>;
};
template <question Asked, class T, class... Path>
struct known<Asked, std::atomic<T*>, Path...> {
  using type = holds;
};

// Whose name is enough.
struct always {
  using type = holds;
};
template <question Asked, class... Path>
struct known<Asked, std::once_flag, Path...> : always {};
template <question Asked, class... Path>
struct known<Asked, std::atomic_flag, Path...> : always {};
template <question Asked, class... Path>
struct known<Asked, std::exception_ptr, Path...> : always {};
template <question Asked, class... Path>
struct known<Asked, std::error_code, Path...> : always {};
template <question Asked, class... Path>
struct known<Asked, std::error_condition, Path...> : always {};
template <question Asked, class... Path>
struct known<Asked, std::thread, Path...> : always {};
template <question Asked, class... Path>
struct known<Asked, std::jthread, Path...> : always {};
template <question Asked, class... Path>
struct known<Asked, std::thread::id, Path...> : always {};
template <question Asked, class T, class... Path>
struct known<Asked, std::allocator<T>, Path...> : always {};

// Counts and flags that threads wait for: condition variables, latches, barriers, semaphores.
template <class T>
concept is_waited_for = !std::move_constructible<T> && (
    requires(T& t) { t.notify_one(); t.notify_all(); } ||
    requires(T& t) { t.arrive_and_wait(); } ||
    requires(T& t) { t.acquire(); t.try_acquire(); t.release(); });
// A path owns its characters.
template <class T>
concept is_path = requires(const T& t) {
  typename T::string_type;
  T::preferred_separator;
  { t.native() } -> std::same_as<const typename T::string_type&>;
};
// Engines and distributions of <random>.
template <class T>
concept is_random = requires {
  T::default_seed;
  typename T::result_type;
} || requires { requires std::same_as<typename T::param_type::distribution_type, T>; };
template <class T>
concept is_complex = std::is_trivially_copyable_v<T> && std::floating_point<typename T::value_type> &&
                     requires(T& t) { t.imag(t.real()); };
template <question Asked, class T, class... Path>
  requires(is_waited_for<T> || is_path<T> || is_random<T> || is_complex<T>)
struct recognised<Asked, T, Path...> : always {};

// The ends of a value that is to come.
template <class T>
concept is_std_future = std::move_constructible<T> && requires(T& t, const T& constant) {
  t.get();
  t.wait();
  { constant.valid() } -> std::same_as<bool>;
};
template <class T>
concept is_std_promise = std::move_constructible<T> && requires(T& t, std::exception_ptr error) {
  t.set_exception(error);
  t.set_exception_at_thread_exit(error);
  t.get_future().get();
};
template <question Asked, class T, class... Path>
  requires is_std_future<T>
struct recognised<Asked, T, Path...>
    : all_parts<Asked, type_list<std::remove_cvref_t<decltype(std::declval<T&>().get())>>, Path...> {};
template <question Asked, class T, class... Path>
  requires is_std_promise<T>
struct recognised<Asked, T, Path...>
    : all_parts<Asked, type_list<std::remove_cvref_t<decltype(std::declval<T&>().get_future().get())>>, Path...> {};

// Views.
template <class T>
struct seen_as_a_view {
  using type = broken<why::is_a_view<T>>;
};
template <question Asked, class Char, class Traits, class... Path>
struct known<Asked, std::basic_string_view<Char, Traits>, Path...>
    : seen_as_a_view<std::basic_string_view<Char, Traits>> {};
template <question Asked, class T, std::size_t Extent, class... Path>
struct known<Asked, std::span<T, Extent>, Path...> : seen_as_a_view<std::span<T, Extent>> {};
template <question Asked, class T, class... Path>
struct known<Asked, std::reference_wrapper<T>, Path...> : seen_as_a_view<std::reference_wrapper<T>> {};
template <question Asked, class T, class... Path>
struct known<Asked, std::initializer_list<T>, Path...> : seen_as_a_view<std::initializer_list<T>> {};

// Locks that are held.
template <question Asked, class Mutex, class... Path>
struct known<Asked, std::lock_guard<Mutex>, Path...> : stays_on_its_thread<std::lock_guard<Mutex>> {};
template <question Asked, class Mutex, class... Path>
struct known<Asked, std::unique_lock<Mutex>, Path...> : stays_on_its_thread<std::unique_lock<Mutex>> {};
template <question Asked, class Mutex, class... Path>
struct known<Asked, std::shared_lock<Mutex>, Path...> : stays_on_its_thread<std::shared_lock<Mutex>> {};
template <question Asked, class... Mutexes, class... Path>
struct known<Asked, std::scoped_lock<Mutexes...>, Path...> : stays_on_its_thread<std::scoped_lock<Mutexes...>> {};

// Whatever they were given.
template <class T>
struct hiding {
  using type = broken<why::hides_what_it_holds<T>>;
};
template <question Asked, class... Path>
struct known<Asked, std::any, Path...> : hiding<std::any> {};
template <question Asked, class Signature, class... Path>
struct known<Asked, std::function<Signature>, Path...> : hiding<std::function<Signature>> {};

// A coroutine by its address.
template <question Asked, class Promise, class... Path>
struct known<Asked, std::coroutine_handle<Promise>, Path...> {
  using type = broken<why::is_a_raw_pointer<std::coroutine_handle<Promise>>>;
};

}  // namespace heddle::detail
