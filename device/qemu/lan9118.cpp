#include "device/qemu/lan9118.hpp"

#include <algorithm>
#include <cstring>

#include "device/qemu/registers.hpp"

namespace lockstep::board {
namespace {

// Datasheet 5.2 and 5.3: FIFO ports, system control and status.
constexpr std::uint32_t rx_data = 0x00;
constexpr std::uint32_t tx_data = 0x20;
constexpr std::uint32_t rx_status = 0x40;
constexpr std::uint32_t tx_status = 0x48;
constexpr std::uint32_t id_revision = 0x50;
constexpr std::uint32_t interrupt_config = 0x54;
constexpr std::uint32_t interrupt_status = 0x58;
constexpr std::uint32_t interrupt_enable = 0x5C;
constexpr std::uint32_t byte_test = 0x64;
constexpr std::uint32_t fifo_levels = 0x68;
constexpr std::uint32_t rx_config = 0x6C;
constexpr std::uint32_t tx_config = 0x70;
constexpr std::uint32_t hardware_config = 0x74;
constexpr std::uint32_t rx_fifo_used = 0x7C;
constexpr std::uint32_t tx_fifo_free = 0x80;
constexpr std::uint32_t power_control = 0x84;
constexpr std::uint32_t rx_dropped = 0xA0;  // reading clears it
constexpr std::uint32_t mac_command = 0xA4;
constexpr std::uint32_t mac_value = 0xA8;

constexpr std::uint32_t right_byte_order = 0x8765'4321;
constexpr std::uint32_t lan9118 = 0x0118;
constexpr std::uint32_t lan9220 = 0x9220;

namespace interrupt {
constexpr std::uint32_t tx_error = 1u << 13;
constexpr std::uint32_t rx_error = 1u << 14;
constexpr std::uint32_t tx_overrun = 1u << 10;
constexpr std::uint32_t rx_dropped_frame = 1u << 6;
constexpr std::uint32_t rx_status_level = 1u << 3;
constexpr std::uint32_t lost_count = tx_error | rx_error | tx_overrun;
constexpr std::uint32_t line_enable = 1u << 8, active_high = 1u << 4, push_pull = 1u << 0;
}  // namespace interrupt

constexpr std::uint32_t device_ready = 1u << 0;      // PMT_CTRL
constexpr std::uint32_t soft_reset = 1u << 0;        // HW_CFG
constexpr std::uint32_t must_be_one = 1u << 20;      // HW_CFG: store and forward
constexpr std::uint32_t tx_fifo_of_5_kib = 5u << 16;  // HW_CFG; its data part has 4608 bytes
constexpr std::uint32_t tx_on = 1u << 1;             // TX_CFG

// 3.13.3. Left out: a length that does not match an 802.3 type (not ours), dribbling bits with a right check sequence.
constexpr std::uint32_t rx_filter_failed = 1u << 30;
constexpr std::uint32_t rx_errors = 1u << 15 | 1u << 11 | 1u << 7 | 1u << 6 | 1u << 4 | 1u << 3 | 1u << 1;
constexpr std::uint32_t check_sequence_size = 4;
constexpr std::uint32_t tx_failed = 1u << 15;  // the same bit in a transmit status

// 3.12.2: the whole frame in one buffer.
constexpr std::uint32_t only_segment = 1u << 13 | 1u << 12;
constexpr std::uint32_t tx_commands_size = 8;

namespace mac {  // 5.4
constexpr std::uint32_t control = 1, address_high = 2, address_low = 3, mii_access = 6, mii_data = 7;
constexpr std::uint32_t busy = 1u << 31, read = 1u << 30;
constexpr std::uint32_t full_duplex = 1u << 20, tx_enable = 1u << 3, rx_enable = 1u << 2;
constexpr std::uint32_t mii_busy = 1u << 0, mii_read = 0, mii_write = 1u << 1, internal_phy = 1u << 11;
}  // namespace mac

namespace phy {  // 5.5; IEEE 802.3, 22.2.4
constexpr std::uint32_t control = 0, status = 1, own_abilities = 4, partner_abilities = 5;
constexpr std::uint32_t negotiate_anew = 1u << 12 | 1u << 9;
constexpr std::uint32_t link_up = 1u << 2, negotiated = 1u << 5;
constexpr std::uint32_t fast_full = 1u << 8, fast_half = 1u << 7, slow_full = 1u << 6;
}  // namespace phy

constexpr std::uint32_t patience = cpu_hz / 100;  // 10 ms for each step of the controller; it needs microseconds

bool is_full_duplex(std::uint32_t common) {
  return (common & phy::fast_full) != 0 || ((common & phy::fast_half) == 0 && (common & phy::slow_full) != 0);
}

}  // namespace

std::uint32_t Lan9118::read(std::uint32_t offset) const { return read32(base_ + offset); }
void Lan9118::write(std::uint32_t offset, std::uint32_t value) const { write32(base_ + offset, value); }

bool Lan9118::wait_until(std::uint32_t offset, std::uint32_t bits, std::uint32_t wanted) const {
  const std::uint32_t since = free_running_counter();
  while ((read(offset) & bits) != wanted) {
    if (free_running_counter() - since > patience) return false;
  }
  return true;
}

bool Lan9118::start(const net::MacAddress& own) {
  start_free_running_counter();
  mac_ = own;
  check_link();
  return works_;
}

// Application note 12.12, "Initialization". The delays that it wants between some accesses, 100 ns and more, pass by
// themselves: the processor takes 40 ns for an instruction.
bool Lan9118::reset() {
  if (!wait_until(power_control, device_ready, device_ready)) return false;
  const std::uint32_t kind = read(id_revision) >> 16;
  if (read(byte_test) != right_byte_order || (kind != lan9118 && kind != lan9220)) return false;
  write(hardware_config, soft_reset);
  if (!wait_until(hardware_config, soft_reset, 0)) return false;
  write(hardware_config, must_be_one | tx_fifo_of_5_kib);

  const auto byte = [this](std::size_t i) { return std::uint32_t{mac_[i]}; };
  if (!write_mac(mac::address_high, byte(5) << 8 | byte(4)) ||
      !write_mac(mac::address_low, byte(3) << 24 | byte(2) << 16 | byte(1) << 8 | byte(0)) ||
      !write_phy(phy::control, phy::negotiate_anew)) {
    return false;
  }
  write(rx_config, 0);  // words, and nothing in front of a frame
  write(tx_config, tx_on);
  write(fifo_levels, 0);  // tell of the first frame
  write(interrupt_status, ~0u);
  write(interrupt_enable, interrupt::rx_status_level);
  write(interrupt_config, interrupt::line_enable | interrupt::active_high | interrupt::push_pull);
  if (!write_mac(mac::control, mac::full_duplex | mac::tx_enable | mac::rx_enable)) return false;
  wait_for_ring();
  return true;
}

bool Lan9118::check_link() {
  const bool was_up = link_;
  if (works_) look_for_trouble();
  if (!works_) works_ = reset();
  std::uint32_t status = 0;
  link_ = works_ && read_phy(phy::status, status) && (status & phy::link_up) != 0;
  if (!link_ || was_up || (status & phy::negotiated) == 0) return link_;
  std::uint32_t own = 0, partner = 0;
  if (!read_phy(phy::own_abilities, own) || !read_phy(phy::partner_abilities, partner)) return link_;
  const std::uint32_t duplex = is_full_duplex(own & partner) ? mac::full_duplex : 0;
  (void)write_mac(mac::control, duplex | mac::tx_enable | mac::rx_enable);
  return link_;
}

// The interrupt says that there is something to look at, so that a turn of the main loop costs nothing while there is not.
void Lan9118::on_interrupt() {
  write32(scs::nvic_disable, 1u << ethernet_irq);
  rang_ = true;
}

void Lan9118::wait_for_ring() {
  rang_ = false;
  write(interrupt_status, interrupt::rx_status_level);
  write32(scs::nvic_clear_pending, 1u << ethernet_irq);
  write32(scs::nvic_enable, 1u << ethernet_irq);
  if (holds_frame()) rang_ = true;  // it came before the flag was cleared
}

bool Lan9118::holds_frame() const { return (read(rx_fifo_used) & 0x00ff'0000) != 0; }

Bytes Lan9118::receive(MutableBytes into) {
  if (!rang_) return {};
  look_for_trouble();
  if (!works_) check_link();
  rang_ = works_;
  if (!works_) return {};
  if (!holds_frame()) {
    wait_for_ring();
    return {};
  }
  const std::uint32_t status = read(rx_status);
  const std::size_t whole = status >> 16 & 0x3fff;
  const bool good = (status & (rx_errors | rx_filter_failed)) == 0 && whole > check_sequence_size &&
                    whole - check_sequence_size <= std::min(into.size(), net::max_frame_size);
  const std::size_t size = good ? whole - check_sequence_size : 0;
  // A refused frame is read too: RX_DP_CTRL would skip it, but only while four words of it are left (3.13.1.1).
  for (std::size_t at = 0; at < whole; at += sizeof(std::uint32_t)) {
    const std::uint32_t word = read(rx_data);
    if (at < size) std::memcpy(&into[at], &word, sizeof word);
  }
  if (!good) ++losses_.damaged;
  return into.first(size);
}

bool Lan9118::send(Bytes frame) {
  read_statuses();
  const std::size_t padded = (frame.size() + 3) / 4 * 4;
  const bool room = works_ && (read(tx_fifo_free) & 0xffff) >= padded + tx_commands_size;
  if (!link_ || !room || frame.empty() || frame.size() > net::max_frame_size) {
    ++losses_.unsent;
    return false;
  }
  const auto size = static_cast<std::uint32_t>(frame.size());
  write(tx_data, only_segment | size);
  write(tx_data, size);
  for (std::size_t at = 0; at < frame.size(); at += sizeof(std::uint32_t)) {
    std::uint32_t word = 0;
    std::memcpy(&word, &frame[at], std::min(sizeof word, frame.size() - at));
    write(tx_data, word);
  }
  return true;
}

// Of frames sent before: the FIFO of statuses would fill up and stop the transmitter.
void Lan9118::read_statuses() {
  for (std::uint32_t left = works_ ? read(tx_fifo_free) >> 16 & 0xff : 0; left > 0; --left) {
    if ((read(tx_status) & tx_failed) != 0) ++losses_.unsent;
  }
}

void Lan9118::look_for_trouble() {
  const std::uint32_t seen = read(interrupt_status) & (interrupt::lost_count | interrupt::rx_dropped_frame);
  if (seen == 0) return;
  write(interrupt_status, seen);
  losses_.overrun += read(rx_dropped);
  if ((seen & interrupt::lost_count) == 0) return;
  ++losses_.restarts;
  works_ = link_ = false;  // what is in the FIFOs is no frame any more
}

bool Lan9118::write_mac(std::uint32_t index, std::uint32_t value) const {
  if (!wait_until(mac_command, mac::busy, 0)) return false;
  write(mac_value, value);
  write(mac_command, mac::busy | index);
  return wait_until(mac_command, mac::busy, 0);
}

bool Lan9118::read_mac(std::uint32_t index, std::uint32_t& value) const {
  if (!wait_until(mac_command, mac::busy, 0)) return false;
  write(mac_command, mac::busy | mac::read | index);
  if (!wait_until(mac_command, mac::busy, 0)) return false;
  value = read(mac_value);
  return true;
}

bool Lan9118::access_phy(std::uint32_t index, std::uint32_t direction) const {
  if (!write_mac(mac::mii_access, mac::internal_phy | index << 6 | direction | mac::mii_busy)) return false;
  const std::uint32_t since = free_running_counter();
  for (std::uint32_t access = mac::mii_busy; (access & mac::mii_busy) != 0;) {
    if (!read_mac(mac::mii_access, access) || free_running_counter() - since > patience) return false;
  }
  return true;
}

bool Lan9118::write_phy(std::uint32_t index, std::uint32_t value) const {
  return write_mac(mac::mii_data, value) && access_phy(index, mac::mii_write);
}

bool Lan9118::read_phy(std::uint32_t index, std::uint32_t& value) const {
  return access_phy(index, mac::mii_read) && read_mac(mac::mii_data, value);
}

}  // namespace lockstep::board
