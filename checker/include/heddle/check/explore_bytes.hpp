// The entry for fuzzers: one execution, whose decisions are the bytes of an input.
//
//     extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
//       return heddle::check::explore_bytes(data, size, [] { ... });
//     }
//
// That is what libFuzzer and AFL++ (-fsanitize=fuzzer) call. What guides them is the coverage of the body, whose target
// is compiled for both: heddle_check, and -fsanitize=fuzzer-no-link.
//
// How it works. Each question takes the next byte: 0 is the usual answer, that the running thread goes on or that
// nothing rare happens, and others count on from there, modulo the number of candidates. When the bytes have been used
// up, all goes as usual. So shorter inputs and smaller bytes are nearer to the usual schedule, and any input is one.
//
// Thread safety: as check::explore.
//
// Limit: of a question with more than 256 candidates the first 256 are reached.
#pragma once

#include "heddle/check/explore.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace heddle::check {

// The execution that the bytes lead to; `schedules`, `time`, `strategy`, `seed` and `audit` of the options have no
// meaning here. A failure is shrunk, and its token holds all decisions, so that it needs no input to be replayed.
report explore_input(const options& chosen, std::span<const std::uint8_t> input, body_reference body);

// For a fuzzer: 0 if nothing was found. Else the report is printed on standard error and the process is aborted.
int explore_bytes(const options& chosen, std::span<const std::uint8_t> input, body_reference body);

template <typename Body>
  requires std::invocable<std::remove_reference_t<Body>&>
int explore_bytes(const std::uint8_t* data, std::size_t size, Body&& body, const options& chosen = {}) {
  if constexpr (std::is_function_v<std::remove_reference_t<Body>>) {
    auto* function = &body;
    return explore_bytes(chosen, {data, size}, body_reference(function));
  } else {
    return explore_bytes(chosen, {data, size}, body_reference(body));
  }
}

}  // namespace heddle::check
