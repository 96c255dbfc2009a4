// Renders speech and music at the same time on one engine and mixes them: the C++ wrapper.
//
//   duet "Ladies and gentlemen." "soft strings" > mix.raw       (32-bit float, mono, 48 kHz)
//
// Build: c++ -std=c++17 duet.cpp $(pkg-config --cflags --libs unimoe-audio) -o duet
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <unimoe_audio.hpp>

int main(int argc, char **argv) {
  try {
    unimoe::engine engine;
    std::cerr << "model of " << engine.info().layers << " layers, voices:";
    for (const std::string &name : engine.voices()) std::cerr << ' ' << name;
    std::cerr << '\n';

    auto speech = unimoe::request::speech(argc > 1 ? argv[1] : "Ladies and gentlemen.");
    speech.sample_rate = 48000;
    speech.end = [](unimoe_end end, unimoe_status) { std::cerr << "speech ended: " << end << '\n'; };
    auto music = unimoe::request::music(argc > 2 ? argv[2] : "soft strings");
    music.sample_rate = 48000;
    music.longest = 3;

    // Both are generated while either is read.
    unimoe::stream voice = engine.start(std::move(speech));
    unimoe::stream band = engine.start(std::move(music));
    std::vector<float> front = voice.rest();
    std::vector<float> back = band.rest();

    std::vector<float> mix(std::max(front.size(), back.size()));
    for (std::size_t i = 0; i < front.size(); i++) mix[i] += 0.7f * front[i];
    for (std::size_t i = 0; i < back.size(); i++) mix[i] += 0.3f * back[i];
    std::fwrite(mix.data(), sizeof(float), mix.size(), stdout);
    std::cerr << static_cast<double>(mix.size()) / 48000 << " s\n";

    // A second stream cancelled at once: its end is still reported, exactly once.
    auto endless = unimoe::request::music("never heard");
    int ends = 0;
    endless.end = [&ends](unimoe_end end, unimoe_status) { ends += end == UNIMOE_END_CANCELLED; };
    {
      unimoe::stream cancelled = engine.start(std::move(endless));
      cancelled.cancel();
      cancelled.wait();
    }
    return mix.empty() || ends != 1;
  } catch (const unimoe::error &error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
