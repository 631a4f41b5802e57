// For tests: a device with software around it that is changed by tiny writes, and on which every moment is judged by a
// reading of the model that neither planner nor checker nor walk share (manifests/oracle).
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <string>

#include "host/walk/walk.hpp"
#include "manifests/oracle/instance.hpp"
#include "manifests/oracle/world.hpp"

namespace lockstep::walk::test {

enum class Trouble {
  none,
  refusal,      // the step is not done
  cut,          // the power goes after each number of writes
  lost_answer,  // the step is done, nobody hears of it
  revert,       // the step is done, then whatever may go back does
  killed_host,  // the host dies between the step and its answer
};

// Where it strikes, once: step (counted over the product's life), and for a cut how many writes are still done.
struct Fault {
  Trouble trouble = Trouble::none;
  std::size_t step = 0;
  std::size_t writes = 0;
};

struct HostKilled {};

class Product final : public Performer {
 public:
  Product(const oracle::Instance& instance, Fault fault)
      : world_(instance.catalogue, instance.board), catalogue_(instance.catalogue), now_(*world_.read(instance.start)),
        fault_(fault) {}

  asio::awaitable<Outcome<Sight>> look() override { co_return sight_of(catalogue_, state()); }
  asio::awaitable<Outcome<Performed>> perform(const Move& move) override { co_return do_step(move.step); }

  model::State state() const { return world_.write(now_); }
  bool struck() const { return struck_; }
  std::size_t bad_moments = 0;   // that are not safe and live
  std::size_t all_moments = 0;

 private:
  Outcome<Performed> do_step(const model::Step& step) {
    const bool strikes = performed_++ == fault_.step && fault_.trouble != Trouble::none;
    struck_ = struck_ || strikes;
    if (strikes && fault_.trouble == Trouble::refusal) return fail(ErrorKind::refused, "no");
    const std::size_t most = strikes && fault_.trouble == Trouble::cut ? fault_.writes : 99;
    if (!write(step, most)) return fail(ErrorKind::unreachable, "the power is gone");
    if (!strikes) return Performed::done;
    if (fault_.trouble == Trouble::revert) revert();
    if (fault_.trouble == Trouble::lost_answer) return fail(ErrorKind::unreachable, "no answer");
    if (fault_.trouble == Trouble::killed_host) throw HostKilled();
    return Performed::done;
  }

  // Whether all writes of the step were done.
  bool write(const model::Step& step, std::size_t most) {
    const oracle::Row row = world_.moments(now_, step);
    if (row.empty()) return ++bad_moments, false;  // it cannot be done here: the walk must not ask for it
    const auto moments = static_cast<std::size_t>(row.end() - row.begin());
    for (std::size_t i = 1; i < moments; ++i) {
      if (i > most) return false;
      become(row.begin()[i]);
    }
    return true;
  }

  void revert() {
    oracle::Moment next = now_;
    for (int i = 0; i < world_.components(); ++i) {
      oracle::Piece& piece = next[static_cast<std::size_t>(i)];
      const model::Kind kind = world_.kind(i);
      const bool may = piece.fallback >= 0 && (kind == model::Kind::ab_late || (kind == model::Kind::ab_trial && piece.trial));
      if (!may) continue;
      piece.active = piece.fallback;
      piece.fallback = piece.staged = -1;
      piece.trial = false;
    }
    become(next);
  }

  void become(const oracle::Moment& moment) {
    now_ = moment;
    ++all_moments;
    if (!world_.survives(now_)) ++bad_moments;
  }

  oracle::World world_;
  const model::Catalogue& catalogue_;
  oracle::Moment now_;
  Fault fault_;
  std::size_t performed_ = 0;
  bool struck_ = false;
};

// Keeps the last record, as the ledger does.
class MemoryJournal final : public WalkJournal {
 public:
  asio::awaitable<Outcome<void>> save(WalkRecord record) override {
    last = record;
    ++saves;
    co_return Outcome<void>();
  }
  WalkRecord last;
  std::size_t saves = 0;
};

// One life of the host: nothing when it was killed.
inline std::optional<WalkResult> walk_once(const CertifiedPlan& plan, WalkRecord from, Performer& performer,
                                           WalkJournal& journal, CancelWanted cancel = {}) {
  asio::io_context context;
  std::optional<WalkResult> result;
  asio::co_spawn(context, walk(plan, from, performer, journal, std::move(cancel)), [&](std::exception_ptr e, WalkResult r) {
    if (!e) result = std::move(r);
  });
  context.run();
  return result;
}

}  // namespace lockstep::walk::test
