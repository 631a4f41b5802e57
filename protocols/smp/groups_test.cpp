#include <doctest/doctest.h>

#include "protocols/cbor/test_bytes.hpp"
#include "protocols/smp/file_group.hpp"
#include "protocols/smp/image_group.hpp"
#include "protocols/smp/node_group.hpp"
#include "protocols/smp/os_group.hpp"
#include "protocols/smp/settings_group.hpp"

namespace lockstep::smp {
namespace {

// A PineTime (Zephyr 2, MCUboot) to mcumgr's "image list": debug log in "MCUBoot Bootloader for PineTime",
// 2020.
const char* const pinetime_list =
    "bf 66696d61676573 9f bf 64736c6f74 00 6776657273696f6e 65312e302e30 6468617368 5820"
    "eab2886947a1df6f850463601f3dad409411d7ea21855eb0a70e965732258c92"
    "68626f6f7461626c65 f5 6770656e64696e67 f4 69636f6e6669726d6564 f5 66616374697665 f5 "
    "697065726d616e656e74 f4 ff ff"
    "6b73706c6974537461747573 00 ff";

// A Mynewt device to newtmgr's "image list", debug log of 2016: no `permanent`.
const char* const mynewt_list =
    "bf 66696d61676573 9f bf 64736c6f74 00 6776657273696f6e 65302e332e30 6468617368 5820"
    "d24cb3051354172bb5109f9cb4ae7861d96d6afdfc46db482ceb2d34a8a78ed0"
    "68626f6f7461626c65 f5 6770656e64696e67 f4 69636f6e6669726d6564 f5 66616374697665 f5 ff ff"
    "6b73706c6974537461747573 00 ff";

// Our node with two images.
const char* const components_app_radio =
    "a1 6a636f6d706f6e656e7473 82 a2 65696d616765 00 646e616d65 63617070 a2 65696d616765 01 646e616d65 65726164696f";

// Reads back what `value` writes as a successful answer of our server; the bytes stay in `buffer`.
template <class Reply>
Result<Reply, Errc> through_the_wire(std::vector<std::byte>& buffer, const Reply& value) {
  buffer.assign(512, std::byte{});
  const auto message = encode_reply(buffer, Header{.op = Op::read}, value);
  REQUIRE(message);
  const auto body = decode_message(*message)->body;
  REQUIRE(!*decode_server_error(body));
  return Reply::decode(body);
}

template <class Request>
Result<Request, Errc> through_the_wire(std::vector<std::byte>& buffer, const Request& value,
                                       Version version) {
  buffer.assign(512, std::byte{});
  const auto message = encode_request(buffer, version, 0, value);
  REQUIRE(message);
  REQUIRE(is_for(decode_message(*message)->header, Request::command));
  return Request::decode(decode_message(*message)->body);
}

// Every truncation of the body is refused; nothing is read beyond it (exact-size blocks, under ASan).
template <class T>
void check_truncations(const char* hex_text) {
  const auto body = unhex(hex_text);
  REQUIRE(T::decode(body));
  for (std::size_t n = 1; n < body.size(); ++n) {
    CAPTURE(n);
    const auto cut = exact(body, n);
    CHECK(!T::decode(cut));
  }
}

TEST_CASE("image lists of real devices are read") {
  const auto zephyr = unhex(pinetime_list);
  const auto list = ImageStateReply::decode(zephyr);
  REQUIRE(list);
  REQUIRE(list->images.size() == 1);
  const ImageState& image = list->images[0];
  CHECK(image.image == 0);
  CHECK(image.slot == 0);
  CHECK(image.version == "1.0.0");
  CHECK(hex(image.hash) == "eab2886947a1df6f850463601f3dad409411d7ea21855eb0a70e965732258c92");
  CHECK(image.bootable);
  CHECK(!image.pending);
  CHECK(image.confirmed);
  CHECK(image.active);
  CHECK(!image.permanent);
  CHECK(list->split_status == 0);
  CHECK(!list->more);

  const auto old = ImageStateReply::decode(unhex(mynewt_list));
  REQUIRE(old);
  CHECK(old->images.size() == 1);
  CHECK(!old->images[0].permanent);
}

TEST_CASE("an image list may be empty, short, definite, or have members we do not know") {
  CHECK(ImageStateReply::decode(unhex("a1 66696d61676573 80"))->images.empty());
  CHECK(ImageStateReply::decode(unhex("bf 66696d61676573 9f ff ff"))->images.empty());
  // MCUboot's recovery: slot, version, hash; here with rc 0 and a nested member of the future.
  const auto body = unhex(
      "a3 627263 00 66696d61676573 81 a4 64736c6f74 01 6776657273696f6e 67392e382e372e36 6468617368 4301 02 "
      "03"
      "666675747572 65 a1 6161 82 01 02 6378797a f6");
  const auto list = ImageStateReply::decode(body);
  REQUIRE(list);
  REQUIRE(list->images.size() == 1);
  CHECK(list->images[0].slot == 1);
  CHECK(list->images[0].version == "9.8.7.6");
  CHECK(hex(list->images[0].hash) == "010203");
  CHECK(!list->images[0].active);
  CHECK(!list->split_status);
}

TEST_CASE("more images than we keep are noticed, not forgotten") {
  ImageStateReply reply;
  for (std::uint32_t i = 0; i < ImageStateReply::max_images; ++i)
    reply.images.push_back({.image = i / 2, .slot = i % 2});
  std::vector<std::byte> buffer(1024);
  cbor::Writer w(buffer);
  w.map(1);
  w.key("images").array(reply.images.size() + 1);
  for (std::size_t i = 0; i <= reply.images.size(); ++i) w.map(1), w.key("slot").uint(i);
  const auto list = ImageStateReply::decode(w.written());
  REQUIRE(list);
  CHECK(list->images.size() == ImageStateReply::max_images);
  CHECK(list->more);
}

TEST_CASE("an image list without images, or an image without a slot, makes no sense") {
  for (const char* body : {"", "a0", "a1 627263 00", "a1 66696d61676573 a0", "a1 66696d61676573 81 a0",
                           "a1 66696d61676573 81 05", "a1 66696d61676573 81 a1 64736c6f74 20"}) {
    CAPTURE(body);
    const auto list = ImageStateReply::decode(unhex(body));
    REQUIRE(!list);
    CHECK(list.error() == Errc::bad_body);
  }
}

TEST_CASE("truncated replies are refused") {
  check_truncations<ImageStateReply>(pinetime_list);
  check_truncations<EchoReply>("bf 6172 6568656c6c6f ff");
  check_truncations<ParametersReply>("bf 686275665f73697a65 190180 696275665f636f756e74 04 ff");
  check_truncations<ImageUploadReply>("bf 627263 00 636f6666 19ed80 656d61746368 f4 ff");
  check_truncations<SlotInfoReply>(
      "bf 66696d61676573 9f bf 65696d616765 00 65736c6f7473 9f bf 64736c6f74 00 6473697a65 1a00060000 ff ff "
      "ff ff ff");
  check_truncations<NodeIdentityReply>(
      "a4 65626f617264 616e 687265766973696f6e 6131 6673657269616c 6131 6770726f64756374 6174");
  check_truncations<NodeHealthReply>("a2 676865616c746879 f5 6664657461696c 626f6b");
  check_truncations<NodePatchesReply>(
      "a3 66666f726d6174 66766364696666 6c64656c74615f77696e646f77 190c00 6d7461726765745f77696e646f77 194000");
  check_truncations<FileDownloadReply>("bf 627263 00 636f6666 00 6464617461 426869 636c656e 02 ff");
  check_truncations<FileStatusReply>("bf 627263 00 636c656e 1907d0 ff");
  check_truncations<FileHashReply>("bf 6474797065 66736861323536 636f6666 01 636c656e 02 666f7574707574 420102 ff");
  check_truncations<NodeTrialReply>(
      "a3 676f6e5f74657374 f5 6b646561646c696e655f6d73 190bb8 676c6566745f6d73 190100");
  check_truncations<NodeComponentsReply>(components_app_radio);
  check_truncations<SettingReadReply>("bf 627263 00 6376616c 420102 686d61785f73697a65 1820 ff");
  check_truncations<BootloaderInfoReply>("a2 646d6f6465 09 6c6e6f2d646f776e6772616465 f5");
}

TEST_CASE("truncated requests are refused") {
  check_truncations<EchoRequest>("a1 6164 6568656c6c6f");
  check_truncations<ResetRequest>("a2 65666f726365 01 69626f6f745f6d6f6465 01");
  check_truncations<ImageStateWriteRequest>("a2 6468617368 43010203 67636f6e6669726d f4");
  check_truncations<ImageEraseRequest>("a1 64736c6f74 01");
  check_truncations<FileDownloadRequest>("a2 636f6666 00 646e616d65 642f6c6f67");
  check_truncations<FileStatusRequest>("a1 646e616d65 642f6c6f67");
  check_truncations<FileHashRequest>("a4 646e616d65 642f6c6f67 6474797065 66736861323536 636f6666 01 636c656e 02");
  check_truncations<SettingReadRequest>("a2 646e616d65 63612f62 686d61785f73697a65 1840");
  check_truncations<SettingWriteRequest>("a2 646e616d65 63612f62 6376616c 4131");
  check_truncations<SettingDeleteRequest>("a1 646e616d65 63612f62");
  check_truncations<SettingsSaveRequest>("a1 646e616d65 6161");
  check_truncations<ImageUploadRequest>(
      "a5 65696d616765 00 636c656e 1a0002db5c 636f6666 00 63736861 43b96f46 6464617461 423db8");
}

TEST_CASE("an upload request of the Go client is read, whatever the order of its members") {
  // mcumgr (Go) 0.0.0-dev, debug log in apache/mynewt-mcumgr-cli issue 15; `data` shortened to 5 bytes.
  const auto body = unhex(
      "a5 6464617461 45 3db8f39600 65696d616765 00 636c656e 1a0002db5c 636f6666 00 63736861 5820"
      "b96f46f8a25cfdfc9b4beed7a55f0919216e6c00a371fb57d02695ef7ee62366");
  const auto request = ImageUploadRequest::decode(body);
  REQUIRE(request);
  CHECK(request->image == 0);
  CHECK(request->length == 0x2db5c);
  CHECK(request->offset == 0);
  CHECK(request->sha.size() == 32);
  CHECK(hex(request->data) == "3db8f39600");
  CHECK(!request->upgrade);
}

TEST_CASE("confirm without a hash, with null and with an empty hash all mean the running image") {
  for (const char* body : {"a1 67636f6e6669726d f5", "a2 6468617368 f6 67636f6e6669726d f5",
                           "a2 6468617368 40 67636f6e6669726d f5"}) {
    CAPTURE(body);
    const auto request = ImageStateWriteRequest::decode(unhex(body));
    REQUIRE(request);
    CHECK(request->hash.empty());
    CHECK(request->confirm);
  }
}

TEST_CASE("reset takes force as a number and as a boolean") {
  CHECK(ResetRequest::decode(unhex("a1 65666f726365 01"))->force);
  CHECK(ResetRequest::decode(unhex("a1 65666f726365 f5"))->force);
  CHECK(!ResetRequest::decode(unhex("a1 65666f726365 00"))->force);
  CHECK(!ResetRequest::decode(unhex("a0"))->force);
  CHECK(!ResetRequest::decode({})->force);  // some clients send no map at all
  CHECK(ResetRequest::decode(unhex("a1 69626f6f745f6d6f6465 01"))->boot_mode == 1);
}

TEST_CASE("the bootloader's mode is read, and a mode without a name is kept") {
  const auto offset = BootloaderInfoReply::decode(unhex("a1 646d6f6465 09"));
  REQUIRE(offset);
  CHECK(offset->mode == BootMode::swap_offset);
  CHECK(!offset->no_downgrade);
  const auto future = BootloaderInfoReply::decode(unhex("a1 646d6f6465 182a"));
  CHECK(static_cast<int>(*future->mode) == 42);
  CHECK(text(*future->mode) == "unknown mode");
  CHECK(BootloaderInfoReply::decode(unhex("a1 646d6f6465 20"))->mode == BootMode::unknown);
}

TEST_CASE("every request says the same after the wire, in both versions") {
  std::vector<std::byte> b;
  const auto hash = unhex("0011223344");
  for (const Version v : {Version::v1, Version::v2}) {
    CHECK(through_the_wire(b, EchoRequest{.text = "hi"}, v)->text == "hi");
    const auto reset = through_the_wire(b, ResetRequest{.force = true, .boot_mode = 1}, v);
    CHECK(reset->force);
    CHECK(reset->boot_mode == 1);
    CHECK(through_the_wire(b, ParametersRequest{}, v));
    CHECK(through_the_wire(b, InfoRequest{.format = "sv"}, v)->format == "sv");
    CHECK(through_the_wire(b, BootloaderInfoRequest{.query = "mode"}, v)->query == "mode");
    CHECK(through_the_wire(b, ImageStateRequest{}, v));
    const auto write = through_the_wire(b, ImageStateWriteRequest{.hash = hash, .confirm = true}, v);
    CHECK(hex(write->hash) == "0011223344");
    CHECK(write->confirm);
    const auto upload = through_the_wire(
        b,
        ImageUploadRequest{
            .image = 2, .length = 70000, .offset = 0, .sha = hash, .data = hash, .upgrade = true},
        v);
    CHECK(upload->image == 2);
    CHECK(upload->length == 70000);
    CHECK(upload->offset == 0);
    CHECK(hex(upload->sha) == "0011223344");
    CHECK(hex(upload->data) == "0011223344");
    CHECK(upload->upgrade);
    CHECK(through_the_wire(b, ImageEraseRequest{.slot = 1}, v)->slot == 1);
    CHECK(!through_the_wire(b, ImageEraseRequest{}, v)->slot);
    CHECK(through_the_wire(b, SlotInfoRequest{}, v));
    const auto download = through_the_wire(b, FileDownloadRequest{.offset = 70000, .name = "/log"}, v);
    CHECK(download->offset == 70000);
    CHECK(download->name == "/log");
    CHECK(through_the_wire(b, FileStatusRequest{.name = "/log"}, v)->name == "/log");
    const auto digest = through_the_wire(b, FileHashRequest{.name = "/log", .type = "sha256", .offset = 1, .length = 2}, v);
    CHECK(digest->name == "/log");
    CHECK(digest->type == "sha256");
    CHECK(digest->offset == 1);
    CHECK(digest->length == 2);
    CHECK(!through_the_wire(b, FileHashRequest{.name = "/log"}, v)->length);
    CHECK(through_the_wire(b, FileCloseRequest{}, v));
    CHECK(through_the_wire(b, NodeTrialRequest{}, v));
    const auto read = through_the_wire(b, SettingReadRequest{.name = "a/b", .max_size = 64}, v);
    CHECK(read->name == "a/b");
    CHECK(read->max_size == 64);
    CHECK(!through_the_wire(b, SettingReadRequest{.name = "a"}, v)->max_size);
    const auto setting = through_the_wire(b, SettingWriteRequest{.name = "a/b", .value = hash}, v);
    CHECK(setting->name == "a/b");
    CHECK(hex(setting->value) == "0011223344");
    CHECK(through_the_wire(b, SettingDeleteRequest{.name = "a"}, v)->name == "a");
    CHECK(through_the_wire(b, SettingsCommitRequest{}, v));
    CHECK(through_the_wire(b, SettingsLoadRequest{}, v));
    CHECK(through_the_wire(b, SettingsSaveRequest{.name = "a"}, v)->name == "a");
    CHECK(through_the_wire(b, SettingsSaveRequest{}, v)->name.empty());
    CHECK(through_the_wire(b, NodeIdentityRequest{}, v));
    CHECK(through_the_wire(b, NodeHealthRequest{}, v));
    CHECK(through_the_wire(b, NodePatchesRequest{}, v));
    CHECK(through_the_wire(b, NodeComponentsRequest{}, v));
  }
}

TEST_CASE("every reply says the same after the wire") {
  std::vector<std::byte> b;
  CHECK(through_the_wire(b, EchoReply{.text = "hi"})->text == "hi");
  CHECK(through_the_wire(b, EmptyReply{}));
  const auto parameters = through_the_wire(b, ParametersReply{.buffer_size = 2048, .buffer_count = 4});
  CHECK(parameters->buffer_size == 2048);
  CHECK(parameters->buffer_count == 4);
  CHECK(through_the_wire(b, InfoReply{.output = "Zephyr"})->output == "Zephyr");
  CHECK(through_the_wire(b, BootloaderInfoReply{.bootloader = "MCUboot"})->bootloader == "MCUboot");
  CHECK(through_the_wire(b, BootloaderInfoReply{.mode = BootMode::ram_load})->mode == BootMode::ram_load);
  const auto upload = through_the_wire(b, ImageUploadReply{.offset = 5'000'000'000, .match = true});
  CHECK(upload->offset == 5'000'000'000);
  CHECK(upload->match == true);

  ImageStateReply images{.split_status = -1};
  images.images.push_back(
      {.image = 1, .slot = 1, .version = "2.0.0", .hash = as_bytes("h"), .pending = true, .permanent = true});
  const auto state = through_the_wire(b, images);
  REQUIRE(state->images.size() == 1);
  CHECK(state->images[0].image == 1);
  CHECK(state->images[0].version == "2.0.0");
  CHECK(as_text(state->images[0].hash) == "h");
  CHECK(state->images[0].pending);
  CHECK(state->images[0].permanent);
  CHECK(!state->images[0].active);
  CHECK(state->split_status == -1);

  SlotInfoReply slots;
  slots.slots.push_back({.image = 0, .slot = 0, .size = 393216, .max_image_size = 380000});
  slots.slots.push_back(
      {.image = 0, .slot = 1, .size = 397312, .upload_image_id = 0, .max_image_size = 380000});
  slots.slots.push_back({.image = 1, .slot = 0, .size = 4096});
  const auto info = through_the_wire(b, slots);
  REQUIRE(info->slots.size() == 3);
  CHECK(info->slots[1].image == 0);
  CHECK(info->slots[1].slot == 1);
  CHECK(info->slots[1].size == 397312);
  CHECK(info->slots[1].upload_image_id == 0);
  CHECK(info->slots[0].max_image_size == 380000);
  CHECK(info->slots[2].image == 1);
  CHECK(!info->slots[2].max_image_size);

  const auto chunk = through_the_wire(b, FileDownloadReply{.offset = 5, .data = as_bytes("hi"), .length = 7});
  CHECK(chunk->offset == 5);
  CHECK(as_text(chunk->data) == "hi");
  CHECK(chunk->length == 7);
  CHECK(through_the_wire(b, FileStatusReply{.length = 9})->length == 9);
  const auto digest =
      through_the_wire(b, FileHashReply{.type = "sha256", .offset = 1, .length = 2, .output = as_bytes("0123")});
  CHECK(digest->type == "sha256");
  CHECK(digest->offset == 1);
  CHECK(digest->length == 2);
  CHECK(as_text(digest->output) == "0123");
  const auto trial = through_the_wire(b, NodeTrialReply{.on_test = true, .deadline_ms = 3000, .left_ms = 20});
  CHECK(trial->on_test);
  CHECK(trial->deadline_ms == 3000);
  CHECK(trial->left_ms == 20);
  CHECK(!through_the_wire(b, NodeTrialReply{})->on_test);

  const auto setting = through_the_wire(b, SettingReadReply{.value = as_bytes("on"), .max_size = 32});
  CHECK(as_text(setting->value) == "on");
  CHECK(setting->max_size == 32);

  const auto identity = through_the_wire(
      b, NodeIdentityReply{.board = "node-m3", .revision = "1.1", .serial = "SN7", .product = "thermostat"});
  CHECK(identity->board == "node-m3");
  CHECK(identity->revision == "1.1");
  CHECK(identity->serial == "SN7");
  CHECK(identity->product == "thermostat");
  const auto health = through_the_wire(b, NodeHealthReply{.healthy = true, .detail = "sensor ok", .self_test = "passed"});
  CHECK(health->self_test == "passed");
  CHECK(health->healthy);
  CHECK(health->detail == "sensor ok");
  const auto patches = through_the_wire(b, NodePatchesReply{.delta_window = 3072, .target_window = 16384});
  CHECK(patches->delta_window == 3072);
  CHECK(patches->target_window == 16384);

  NodeComponentsReply two;
  two.components.push_back({.image = 0, .name = "app"});
  two.components.push_back({.image = 1, .name = "radio"});
  const auto components = through_the_wire(b, two);
  REQUIRE(components->components.size() == 2);
  CHECK(components->components[0].name == "app");
  CHECK(components->components[1].image == 1);
  CHECK(components->components[1].name == "radio");
  CHECK(!components->more);
  CHECK(through_the_wire(b, NodeComponentsReply{})->components.empty());
}

TEST_CASE("a list of components is written as it is documented, and read with what the future adds") {
  std::vector<std::byte> b(128);
  NodeComponentsReply two;
  two.components.push_back({.image = 0, .name = "app"});
  two.components.push_back({.image = 1, .name = "radio"});
  const auto message = encode_reply(b, Header{.op = Op::read, .group = group::node, .command = 4}, two);
  REQUIRE(message);
  // version 2, op 1 (read answer), group 64, command 4; {rc: 0, components: [{image: 0, name: "app"}, {image: 1, name: "radio"}]}
  CHECK(hex(*message) == hex(unhex("0900003900400004"
                                   "bf 627263 00 6a636f6d706f6e656e7473 9f bf 65696d616765 00 646e616d65 63617070 ff"
                                   "bf 65696d616765 01 646e616d65 65726164696f ff ff ff")));
  // Names are views into the message.
  const auto from_later = unhex("a2 63666f6f f5 6a636f6d706f6e656e7473 81 a3 65696d616765 02 646e616d65 6466706761 646b696e64 63666f6f");
  const auto later = NodeComponentsReply::decode(from_later);
  REQUIRE(later);
  REQUIRE(later->components.size() == 1);
  CHECK(later->components[0].image == 2);
  CHECK(later->components[0].name == "fpga");
}

TEST_CASE("more components than we keep are noticed") {
  std::vector<std::byte> b(512);
  cbor::Writer w(b);
  w.map(1);
  w.key("components").array(NodeComponentsReply::max_components + 1);
  for (std::uint32_t i = 0; i <= NodeComponentsReply::max_components; ++i)
    w.map(2), w.key("image").uint(i), w.key("name").text("x");
  const auto list = NodeComponentsReply::decode(w.written());
  REQUIRE(list);
  CHECK(list->components.size() == NodeComponentsReply::max_components);
  CHECK(list->more);
}

TEST_CASE("what is required is required") {
  CHECK(!EchoReply::decode(unhex("a0")));
  CHECK(!ParametersReply::decode(unhex("a1 696275665f636f756e74 04")));
  CHECK(!ImageUploadReply::decode(unhex("a1 627263 00")));
  CHECK(!ImageUploadRequest::decode(unhex("a1 6464617461 4100")));
  CHECK(!NodeHealthReply::decode(
      unhex("a1 6664657461696c 626f6b")));  // health that nobody stated is not health
  CHECK(!NodeIdentityReply::decode(unhex("a1 6673657269616c 6131")));
  CHECK(!SlotInfoReply::decode(unhex("a0")));
  CHECK(!FileDownloadRequest::decode(unhex("a1 646e616d65 642f6c6f67")));
  CHECK(!FileDownloadRequest::decode(unhex("a1 636f6666 00")));
  CHECK(!FileDownloadReply::decode(unhex("a1 636f6666 00")));
  CHECK(!FileStatusRequest::decode(unhex("a0")));
  CHECK(!FileStatusReply::decode(unhex("a0")));
  CHECK(!FileHashRequest::decode(unhex("a0")));
  CHECK(!FileHashReply::decode(unhex("a2 6474797065 6563726333 32 636c656e 02")));
  CHECK(!NodeTrialReply::decode(unhex("a0")));
  CHECK(!NodeComponentsReply::decode(unhex("a0")));
  for (const char* entry : {"a0", "05", "a1 65696d616765 00", "a1 646e616d65 6161", "a2 65696d616765 00 646e616d65 60",
                            "a2 65696d616765 20 646e616d65 6161", "a2 65696d616765 00 646e616d65 05"}) {
    CAPTURE(entry);
    CHECK(!NodeComponentsReply::decode(unhex("a1 6a636f6d706f6e656e7473 81" + std::string(entry))));
  }
  CHECK(!SettingReadRequest::decode(unhex("a0")));
  CHECK(!SettingReadReply::decode(unhex("a1 627263 00")));
  CHECK(!SettingWriteRequest::decode(unhex("a1 646e616d65 6161")));
  CHECK(!SettingWriteRequest::decode(unhex("a1 6376616c 4131")));
  CHECK(!SettingDeleteRequest::decode(unhex("a0")));
  CHECK(!NodePatchesReply::decode(  // another format
      unhex("a3 66666f726d6174 66627364696666 6c64656c74615f77696e646f77 190c00 6d7461726765745f77696e646f77 194000")));
}

TEST_CASE("the size of an upload request is told before it is encoded") {
  for (const std::size_t n : {0u, 23u, 24u, 255u, 256u, 4000u}) {
    for (const bool first : {false, true}) {
      CAPTURE(n);
      const std::vector<std::byte> data(n), sha(32);
      ImageUploadRequest request{
          .image = first ? 1u : 0u, .offset = first ? 0u : 70000u, .data = data, .upgrade = first};
      if (first) request.length = 100000, request.sha = sha;
      std::vector<std::byte> buffer(5000);
      cbor::Writer w(buffer);
      request.encode(w);
      CHECK(w.size() == request.encoded_size(n));
    }
  }
}

}  // namespace
}  // namespace lockstep::smp
