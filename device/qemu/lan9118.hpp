// A LAN9118 Ethernet controller: frames in and out through its FIFOs, by the processor, from the main loop; its
// interrupt only says that it is worth a look. (The board carries a LAN9220, which is driven alike.) Nothing here waits
// longer than some milliseconds, and never for a frame.
//
// Sources: SMSC LAN9118 datasheet, revision 1.5: 3.12 (transmit path), 3.13 (receive path), 5.2 to 5.5 (registers of
// FIFOs, system, MAC, PHY); SMSC application note 12.12 (programmer's reference guide: initialisation).
#pragma once

#include "device/net/responder.hpp"
#include "protocols/core/bytes.hpp"

namespace lockstep::board {

class Lan9118 {
 public:
  // What was lost, since the start of the firmware. Whoever waits for an answer asks again.
  struct Losses {
    std::uint32_t damaged = 0;   // frames received with an error, or too long
    std::uint32_t overrun = 0;   // frames for which the receive FIFO had no room
    std::uint32_t unsent = 0;    // frames that had no link or no room in the transmit FIFO, or failed on the wire
    std::uint32_t restarts = 0;  // the controller had lost count of its FIFOs, and was started anew
    std::uint32_t sum() const { return damaged + overrun + unsent + restarts; }
  };

  explicit constexpr Lan9118(std::uint32_t base) : base_(base) {}

  // Resets the controller and lets it receive what is sent to `mac` and to all. False when there is none, or it does not
  // get ready; until check_link() succeeds nothing else does anything then.
  bool start(const net::MacAddress& mac);
  // Asks the PHY, and sets the MAC to the duplex mode that was agreed upon. To be called now and then, once a second; it
  // also resets a controller that did not get ready.
  bool check_link();
  bool has_link() const { return link_; }

  // For the vector: extern "C" void on_ethernet().
  void on_interrupt();
  // Whether receive() should be called; cheap.
  bool has_input() const { return rang_; }
  // Takes one frame, without its check sequence, into `into`: 4 bytes aligned, a multiple of 4 long. Empty when there was
  // none, or it was damaged.
  Bytes receive(MutableBytes into);
  // False when it was not sent.
  bool send(Bytes frame);

  const Losses& losses() const { return losses_; }

 private:
  bool reset();
  bool wait_until(std::uint32_t offset, std::uint32_t bits, std::uint32_t wanted) const;
  bool write_mac(std::uint32_t index, std::uint32_t value) const;
  bool read_mac(std::uint32_t index, std::uint32_t& value) const;
  bool access_phy(std::uint32_t index, std::uint32_t direction) const;
  bool write_phy(std::uint32_t index, std::uint32_t value) const;
  bool read_phy(std::uint32_t index, std::uint32_t& value) const;
  void read_statuses();
  void look_for_trouble();
  void wait_for_ring();
  bool holds_frame() const;
  std::uint32_t read(std::uint32_t offset) const;
  void write(std::uint32_t offset, std::uint32_t value) const;

  std::uint32_t base_;
  net::MacAddress mac_{};
  volatile bool rang_ = false;  // the interrupt came, and is disabled until the controller was emptied
  bool works_ = false;
  bool link_ = false;
  Losses losses_{};
};

}  // namespace lockstep::board
