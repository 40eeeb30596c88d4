// What is known of types of the standard library whose members do not show it.
//
// How it works. Specialisations of `known`. What is not here is found by its shape (send_rules.hpp), containers for
// instance, or refused: a type that nobody thought of does not hold.
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

template <class T>
inline constexpr bool is_safe =
    std::is_same_v<T, std::once_flag> || std::is_same_v<T, std::atomic_flag> || std::is_same_v<T, std::exception_ptr> ||
    std::is_same_v<T, std::error_code> || std::is_same_v<T, std::error_condition> || std::is_same_v<T, std::thread> ||
    std::is_same_v<T, std::jthread> || std::is_same_v<T, std::thread::id>;
template <class T>
inline constexpr bool is_safe<std::allocator<T>> = true;

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
  requires(is_safe<T> || is_waited_for<T> || is_path<T> || is_random<T> || is_complex<T>)
struct known<Asked, T, Path...> {
  using type = holds;
};

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
struct known<Asked, T, Path...>
    : all_parts<Asked, type_list<std::remove_cvref_t<decltype(std::declval<T&>().get())>>, Path...> {};
template <question Asked, class T, class... Path>
  requires is_std_promise<T>
struct known<Asked, T, Path...>
    : all_parts<Asked, type_list<std::remove_cvref_t<decltype(std::declval<T&>().get_future().get())>>, Path...> {};

// Views.
template <class T>
inline constexpr bool is_view = false;
template <class Char, class Traits>
inline constexpr bool is_view<std::basic_string_view<Char, Traits>> = true;
template <class T, std::size_t Extent>
inline constexpr bool is_view<std::span<T, Extent>> = true;
template <class T>
inline constexpr bool is_view<std::reference_wrapper<T>> = true;
template <class T>
inline constexpr bool is_view<std::initializer_list<T>> = true;
template <question Asked, class T, class... Path>
  requires is_view<T>
struct known<Asked, T, Path...> {
  using type = broken<why::is_a_view<T>>;
};

// Locks that are held.
template <class T>
inline constexpr bool is_lock = false;
template <class Mutex>
inline constexpr bool is_lock<std::lock_guard<Mutex>> = true;
template <class Mutex>
inline constexpr bool is_lock<std::unique_lock<Mutex>> = true;
template <class Mutex>
inline constexpr bool is_lock<std::shared_lock<Mutex>> = true;
template <class... Mutexes>
inline constexpr bool is_lock<std::scoped_lock<Mutexes...>> = true;
template <question Asked, class T, class... Path>
  requires is_lock<T>
struct known<Asked, T, Path...> {
  using type = broken<why::belongs_to_its_thread<T>>;
};

// Whatever they were given.
template <class T>
inline constexpr bool hides_its_content = std::is_same_v<T, std::any>;
template <class Signature>
inline constexpr bool hides_its_content<std::function<Signature>> = true;
template <question Asked, class T, class... Path>
  requires hides_its_content<T>
struct known<Asked, T, Path...> {
  using type = broken<why::hides_what_it_holds<T>>;
};

// A coroutine by its address.
template <question Asked, class Promise, class... Path>
struct known<Asked, std::coroutine_handle<Promise>, Path...> {
  using type = broken<why::is_a_raw_pointer<std::coroutine_handle<Promise>>>;
};

}  // namespace heddle::detail
