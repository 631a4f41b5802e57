// The one error type of all floors: a value or the reason why there is none.
// Works without heap, exceptions and RTTI; dropping one is a compiler warning, hence an error.
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

namespace lockstep {

// Marks a value as the reason of a failure: `return Fail(Errc::bad_crc);`
template <class E>
struct Fail {
  explicit constexpr Fail(E e) : error(std::move(e)) {}
  E error;
};

// Either a T or an E. Test it, then use `*`/`->` (only when true) or `error()` (only when false).
template <class T, class E>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  using error_type = E;

  constexpr Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  template <class F>
  constexpr Result(Fail<F> fail) : state_(std::in_place_index<1>, std::move(fail.error)) {}

  constexpr explicit operator bool() const { return state_.index() == 0; }
  constexpr T& operator*() & { return *std::get_if<0>(&state_); }
  constexpr const T& operator*() const& { return *std::get_if<0>(&state_); }
  constexpr T&& operator*() && { return std::move(*std::get_if<0>(&state_)); }
  constexpr T* operator->() { return std::get_if<0>(&state_); }
  constexpr const T* operator->() const { return std::get_if<0>(&state_); }
  constexpr const E& error() const& { return *std::get_if<1>(&state_); }
  constexpr E&& error() && { return std::move(*std::get_if<1>(&state_)); }

 private:
  std::variant<T, E> state_;
};

// Success without a value: `Result<void, Errc> f() { ...; return {}; }`
template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  using value_type = void;
  using error_type = E;

  constexpr Result() = default;
  template <class F>
  constexpr Result(Fail<F> fail) : state_(std::in_place_index<1>, std::move(fail.error)) {}

  constexpr explicit operator bool() const { return state_.index() == 0; }
  constexpr const E& error() const& { return *std::get_if<1>(&state_); }
  constexpr E&& error() && { return std::move(*std::get_if<1>(&state_)); }

 private:
  std::variant<std::monostate, E> state_;
};

}  // namespace lockstep

#define LOCKSTEP_CONCAT_(a, b) a##b
#define LOCKSTEP_CONCAT(a, b) LOCKSTEP_CONCAT_(a, b)

// `LOCKSTEP_TRY(x, f());` declares x from f()'s value, or returns f()'s error from the enclosing function.
#define LOCKSTEP_TRY(name, expr) LOCKSTEP_TRY_(name, expr, LOCKSTEP_CONCAT(lockstep_result_, __LINE__), return)
// `LOCKSTEP_CHECK(f());` the same for an f() without a value.
#define LOCKSTEP_CHECK(expr) \
  if (auto lockstep_checked = (expr); !lockstep_checked) return ::lockstep::Fail(std::move(lockstep_checked).error())
// The same two inside a coroutine. `expr` is `co_await call(names)`: name it, then await it.
#define LOCKSTEP_CO_TRY(name, expr) LOCKSTEP_TRY_(name, expr, LOCKSTEP_CONCAT(lockstep_result_, __LINE__), co_return)
#define LOCKSTEP_CO_CHECK(expr) LOCKSTEP_CO_CHECK_(expr, LOCKSTEP_CONCAT(lockstep_result_, __LINE__))
#define LOCKSTEP_CO_CHECK_(expr, result) \
  auto result = expr;                    \
  if (!result) co_return ::lockstep::Fail(std::move(result).error())
#define LOCKSTEP_TRY_(name, expr, result, leave)                      \
  auto result = expr;                                                 \
  if (!result) leave ::lockstep::Fail(std::move(result).error());     \
  auto name = *std::move(result)
