#include "device/dfu/function.hpp"

#include <algorithm>

namespace lockstep::dfu {

Function::Function(agent::Platform& platform, MutableBytes block, const FunctionOptions& options)
    : platform_(&platform),
      slots_(platform),
      block_(block.first(std::min<std::size_t>(block.size(), UINT16_MAX))),
      options_(options),
      download_(platform, options.timing) {}

FunctionalDescriptor Function::descriptor() const {
  return {.attributes = options_.attributes,
          .detach_timeout_ms = options_.detach_timeout_ms,
          .transfer_size = static_cast<std::uint16_t>(block_.size())};
}

// Nothing for what is no request of DFU, or goes the wrong way.
std::optional<Event> Function::event_of(const usb::Setup& setup) const {
  struct Row {
    Request request;
    usb::Direction direction;
    Event event;
  };
  static constexpr std::array rows = std::to_array<Row>({
      {Request::detach, usb::Direction::out, Event::detach},
      {Request::dnload, usb::Direction::out, Event::dnload},
      {Request::upload, usb::Direction::in, Event::upload},
      {Request::get_status, usb::Direction::in, Event::get_status},
      {Request::clear_status, usb::Direction::out, Event::clear_status},
      {Request::get_state, usb::Direction::in, Event::get_state},
      {Request::abort, usb::Direction::out, Event::abort},
  });
  if (setup.type() != usb::RequestType::class_specific) return std::nullopt;
  for (const Row& row : rows) {
    if (static_cast<std::uint8_t>(row.request) != setup.request || row.direction != setup.direction()) continue;
    return row.event == Event::dnload && setup.length == 0 ? Event::dnload_end : row.event;
  }
  return std::nullopt;
}

Answer Function::control(const usb::Setup& setup, Bytes data) {
  const auto event = event_of(setup);
  if (!event) return {.stalled = true};
  is_fresh_ = false;
  if (!is_known(state_, *event)) return stall();
  const Facts facts = look_at(*event, setup, data);
  if (!take(*event, facts)) return stall();
  return {.data = answer_to(*event, setup.length)};
}

Facts Function::look_at(Event event, const usb::Setup& setup, Bytes data) {
  Facts facts{.fine = true, .pending = is_pending_};
  Verdict verdict;
  switch (event) {
    case Event::detach: detach_timer_ms_ = std::max<std::uint32_t>(1, std::min(setup.value, options_.detach_timeout_ms)); break;
    case Event::dnload: verdict = accept_block(setup, data); break;
    case Event::dnload_end: verdict = download_.accept_end(); break;
    case Event::upload:
      verdict = read_upload(setup);
      facts.full = block_size_ == setup.length;
      break;
    case Event::clear_status: verdict_ = {}; break;
    case Event::get_status:
    case Event::get_state:
    case Event::abort:
    case Event::bus_reset:
    case Event::detach_timeout:
    case Event::work_done: break;
  }
  facts.fine = verdict.is_fine();
  if (!facts.fine) verdict_ = verdict;
  return facts;
}

Verdict Function::accept_block(const usb::Setup& setup, Bytes data) {
  const bool fits = setup.length <= block_.size() && data.size() == setup.length;
  if (!options_has(attribute::can_download) || !fits) return {Status::stalled_packet};
  if (state_ == State::idle) download_.begin();
  const Verdict verdict = download_.accept(setup.value, data);
  if (!verdict.is_fine()) return verdict;
  std::copy(data.begin(), data.end(), block_.begin());
  block_size_ = data.size();
  return {};
}

// The running image as a host could download it again: header to last TLV, nothing of the slot behind it.
Verdict Function::read_upload(const usb::Setup& setup) {
  if (!options_has(attribute::can_upload) || setup.length > block_.size()) return {Status::stalled_packet};
  if (state_ == State::idle) upload_at_ = upload_block_ = 0;
  if (setup.value != upload_block_) return {Status::address};
  boot::FlashArea running = slots_.area(platform_->active_slot());
  const auto image = mcuboot::inspect(running);
  if (!image || upload_at_ > image->total_size) return {Status::firmware};
  block_size_ = std::min<std::size_t>(setup.length, image->total_size - upload_at_);
  if (!running.load(upload_at_, block_.first(block_size_))) return {Status::unknown};
  upload_at_ += static_cast<std::uint32_t>(block_size_);
  ++upload_block_;
  return {};
}

bool Function::take(Event event, const Facts& facts) {
  const auto next = next_state(state_, event, facts);
  if (!next) return false;
  const bool brings_work = event == Event::dnload || event == Event::dnload_end;
  if (brings_work) is_pending_ = true;
  enter(*next);
  return true;
}

void Function::enter(State next) {
  state_ = next;
  if (state_ == State::error || !is_in_dfu_mode()) is_pending_ = false;
}

Answer Function::stall() {
  if (is_in_dfu_mode() && verdict_.is_fine()) verdict_ = {Status::stalled_packet};
  enter(after_stall(state_));
  return {.stalled = true};
}

Bytes Function::answer_to(Event event, std::uint16_t length) {
  Bytes data;
  if (event == Event::get_status) data = status_report();
  if (event == Event::get_state) {
    report_[0] = static_cast<std::byte>(state_);
    data = Bytes(report_).first(1);
  }
  if (event == Event::upload) data = Bytes(block_).first(block_size_);
  return data.first(std::min<std::size_t>(data.size(), length));
}

// The state that is entered by sending it, as the specification wants.
Bytes Function::status_report() {
  StatusReport report{.status = verdict_.status, .state = state_};
  if (state_ == State::dnload_busy) report.poll_timeout_ms = download_.write_ms(block_size_);
  if (state_ == State::manifest) report.poll_timeout_ms = download_.manifest_ms();
  if (verdict_.status == Status::vendor && vendor_strings_ != 0) {
    report.string = static_cast<std::uint8_t>(vendor_strings_ + static_cast<unsigned>(verdict_.vendor) - 1);
  }
  report_ = report.encode();
  return report_;
}

void Function::work() {
  if (!has_work()) return;
  is_pending_ = false;
  const bool is_last = state_ == State::manifest;
  const Verdict verdict = is_last ? download_.manifest() : download_.write(Bytes(block_).first(block_size_));
  if (!verdict.is_fine()) verdict_ = verdict;
  if (is_last && verdict.is_fine()) restarts_ = true;
  take(Event::work_done, {.fine = verdict.is_fine(), .tolerant = options_has(attribute::manifestation_tolerant)});
}

void Function::on_bus_reset() {
  const bool was_in_dfu_mode = is_in_dfu_mode();
  take(Event::bus_reset, {.fresh = is_fresh_});
  if (state_ == State::idle && !was_in_dfu_mode) is_fresh_ = true;
  if (is_in_dfu_mode()) return;
  verdict_ = {};
  if (!restarts_) return;
  restarts_ = false;
  is_restarting_ = true;
  platform_->request_reset();
}

}  // namespace lockstep::dfu
