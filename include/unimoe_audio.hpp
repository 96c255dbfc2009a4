// unimoe_audio.hpp: the C library for C++17, header-only.
//
// Handles are owned: they are given back when their object goes. Errors are thrown as unimoe::error, but for
// stream::read, which an audio callback calls. What each function does, and on which thread it may be called, is told
// in unimoe_audio.h.
#ifndef UNIMOE_AUDIO_HPP
#define UNIMOE_AUDIO_HPP

#include <unimoe_audio.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace unimoe {

// A failed call: what() is the library's one line, status() its group.
class error : public std::runtime_error {
 public:
  explicit error(unimoe_status status) : std::runtime_error(message(status)), status_(status) {}
  unimoe_status status() const noexcept { return status_; }

 private:
  static std::string message(unimoe_status status) {
    std::string text(unimoe_error_message(nullptr, 0), '\0');
    if (text.empty()) return unimoe_status_string(status);
    unimoe_error_message(text.data(), text.size() + 1);
    return text;
  }
  unimoe_status status_;
};

namespace detail {

inline void check(unimoe_status status) {
  if (status != UNIMOE_OK) throw error(status);
}

template <typename Handle, void (*give_back)(Handle *)>
struct deleter {
  void operator()(Handle *handle) const noexcept { give_back(handle); }
};

template <typename Handle, void (*give_back)(Handle *)>
using owned = std::unique_ptr<Handle, deleter<Handle, give_back>>;

}  // namespace detail

// A reference recording that speech is made in.
class voice {
 public:
  explicit voice(unimoe_voice *handle) noexcept : handle_(handle) {}
  unimoe_voice *get() const noexcept { return handle_.get(); }

  void save(const std::string &name, bool replace = false) const {
    detail::check(unimoe_voice_save(get(), name.c_str(), replace ? 1 : 0));
  }

 private:
  detail::owned<unimoe_voice, unimoe_voice_release> handle_;
};

// What is to be made. Optional values that are not set take the model's defaults.
struct request {
  unimoe_task task = UNIMOE_TASK_SPEECH;
  std::string text;
  const unimoe::voice *voice = nullptr;  // null: the model's default voice
  std::uint64_t seed = 0;
  std::int32_t sample_rate = 0;  // 0: the model's
  std::optional<bool> sampling;
  std::optional<float> guidance, temperature, top_p;
  std::optional<std::int32_t> top_k;
  std::optional<double> shortest, longest, start_after;
  double buffer = 0;
  bool characters = false;  // the names of the text's characters instead of its words
  // Leave figures, abbreviations and signs of the text as they are written.
  bool verbatim = false;
  bool long_text = true;                // speak a text of any length, in pieces
  std::optional<double> speed, spread;  // of speech, for models that tell words
  // Of music, for models that play notes: a MIDI file's bytes, or whether the model makes its own.
  std::string notes;
  bool own_notes = false;
  // Called on the stream's thread; they must not throw.
  std::function<void(const float *, std::uint32_t)> audio;
  std::function<void(unimoe_phase, std::uint32_t, std::uint32_t)> progress;
  std::function<void(unimoe_end, unimoe_status)> end;

  static request speech(std::string text, const unimoe::voice *voice = nullptr) {
    request result;
    result.text = std::move(text);
    result.voice = voice;
    return result;
  }

  static request music(std::string caption) {
    request result;
    result.task = UNIMOE_TASK_MUSIC;
    result.text = std::move(caption);
    return result;
  }
};

// A request on its way. Moving it is allowed at any time but while another thread reads.
class stream {
 public:
  stream(unimoe_engine *engine, request what) : callbacks_(std::make_unique<request>(std::move(what))) {
    request &given = *callbacks_;
    unimoe_request raw = UNIMOE_REQUEST_INIT;
    raw.task = given.task;
    raw.text = given.text.c_str();
    raw.voice = given.voice ? given.voice->get() : nullptr;
    raw.seed = given.seed;
    raw.sample_rate = given.sample_rate;
    if (given.sampling) raw.sampling = *given.sampling ? 1 : 0;
    raw.guidance = given.guidance.value_or(raw.guidance);
    raw.temperature = given.temperature.value_or(raw.temperature);
    raw.top_k = given.top_k.value_or(raw.top_k);
    raw.top_p = given.top_p.value_or(raw.top_p);
    raw.shortest = given.shortest.value_or(raw.shortest);
    raw.longest = given.longest.value_or(raw.longest);
    raw.start_after = given.start_after.value_or(raw.start_after);
    raw.buffer = given.buffer;
    raw.characters = given.characters ? 1 : 0;
    raw.verbatim = given.verbatim ? 1 : 0;
    raw.speed = given.speed.value_or(raw.speed);
    raw.spread = given.spread.value_or(raw.spread);
    raw.notes = given.notes.empty() ? nullptr : given.notes.data();
    raw.notes_size = given.notes.size();
    raw.own_notes = given.own_notes ? 1 : 0;
    raw.long_text = given.long_text ? 1 : 0;
    raw.user = callbacks_.get();
    if (given.audio)
      raw.audio = [](void *user, const float *samples, std::uint32_t frames) { self(user).audio(samples, frames); };
    if (given.progress)
      raw.progress = [](void *user, unimoe_phase phase, std::uint32_t done, std::uint32_t expected) {
        self(user).progress(phase, done, expected);
      };
    if (given.end) raw.end = [](void *user, unimoe_end end, unimoe_status status) { self(user).end(end, status); };
    unimoe_stream *handle = nullptr;
    detail::check(unimoe_stream_start(engine, &raw, &handle));
    handle_.reset(handle);
  }

  unimoe_stream *get() const noexcept { return handle_.get(); }

  // For an audio callback: fills `samples`, returns how many were the stream's.
  std::uint32_t read(float *samples, std::uint32_t frames) noexcept {
    return unimoe_stream_read(get(), samples, frames);
  }

  // For an audio callback too: the next mark, nothing where none is known yet or none will come.
  std::optional<unimoe_mark> next_mark() noexcept {
    unimoe_mark mark = UNIMOE_MARK_INIT;
    if (!unimoe_stream_next_mark(get(), &mark)) return std::nullopt;
    return mark;
  }

  // Waits for up to `frames` samples; fewer are the end.
  std::uint32_t wait_read(float *samples, std::uint32_t frames, std::int32_t milliseconds = -1) {
    std::uint32_t count = 0;
    detail::check(unimoe_stream_wait_read(get(), samples, frames, milliseconds, &count));
    return count;
  }

  // Waits for the end and returns everything that is left; of a failed stream, what there was before.
  std::vector<float> rest() {
    std::vector<float> samples;
    float block[4096];
    while (const std::uint32_t count = wait_read(block, 4096)) samples.insert(samples.end(), block, block + count);
    return samples;
  }

  void cancel() noexcept { unimoe_stream_cancel(get()); }
  void wait(std::int32_t milliseconds = -1) { detail::check(unimoe_stream_wait(get(), milliseconds)); }

  unimoe_stream_state state() const {
    unimoe_stream_state state = UNIMOE_STREAM_STATE_INIT;
    detail::check(unimoe_stream_get_state(get(), &state));
    return state;
  }

  // What made it fail: one line; empty if it has not failed.
  std::string error_message() const {
    std::string text(unimoe_stream_error_message(get(), nullptr, 0), '\0');
    if (!text.empty()) unimoe_stream_error_message(get(), text.data(), text.size() + 1);
    return text;
  }

 private:
  static request &self(void *user) { return *static_cast<request *>(user); }

  // Before the handle: the stream's thread uses the callbacks until the handle is given back.
  std::unique_ptr<request> callbacks_;
  detail::owned<unimoe_stream, unimoe_stream_release> handle_;
};

// A model that is ready to speak and compose.
class engine {
 public:
  // An empty path takes the default model; 0 threads are one per core.
  explicit engine(const std::string &model = {}, std::int32_t threads = 0) {
    unimoe_engine_options options = UNIMOE_ENGINE_OPTIONS_INIT;
    options.model = model.empty() ? nullptr : model.c_str();
    options.threads = threads;
    open(&options);
  }
  explicit engine(const unimoe_engine_options &options) { open(&options); }

  unimoe_engine *get() const noexcept { return handle_.get(); }

  unimoe_model_info info() const {
    unimoe_model_info info = UNIMOE_MODEL_INFO_INIT;
    detail::check(unimoe_engine_info(get(), &info));
    return info;
  }

  stream start(request what) { return stream(get(), std::move(what)); }

  voice make_voice(const std::string &path, const std::string &transcript) {
    unimoe_voice *handle = nullptr;
    detail::check(unimoe_voice_create_from_file(get(), path.c_str(), transcript.c_str(), &handle));
    return voice(handle);
  }

  voice make_voice(const float *samples, std::uint64_t frames, std::int32_t channels, std::int32_t sample_rate,
                   const std::string &transcript) {
    unimoe_voice *handle = nullptr;
    detail::check(unimoe_voice_create(get(), samples, frames, channels, sample_rate, transcript.c_str(), &handle));
    return voice(handle);
  }

  // An empty name takes the model's default voice.
  voice open_voice(const std::string &name = {}) {
    unimoe_voice *handle = nullptr;
    detail::check(unimoe_voice_open(get(), name.empty() ? nullptr : name.c_str(), &handle));
    return voice(handle);
  }

  std::vector<std::string> voices() const {
    std::vector<std::string> names;
    char name[65];
    while (unimoe_voice_name(get(), static_cast<std::uint32_t>(names.size()), name, sizeof name))
      names.emplace_back(name);
    return names;
  }

  void remove_voice(const std::string &name) { detail::check(unimoe_voice_remove(get(), name.c_str())); }

 private:
  void open(const unimoe_engine_options *options) {
    unimoe_engine *handle = nullptr;
    detail::check(unimoe_engine_open(options, &handle));
    handle_.reset(handle);
  }
  detail::owned<unimoe_engine, unimoe_engine_close> handle_;
};

}  // namespace unimoe

#endif
