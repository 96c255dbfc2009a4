import CUniMoEAudio
import LiveStream
import UniMoEAudio

/// The host's functions of one stream.
final class StreamCallbacks: @unchecked Sendable {
  private let audio: unimoe_audio_callback?
  private let progress: unimoe_progress_callback?
  private let end: unimoe_end_callback?
  private let user: UnsafeMutableRawPointer?

  init(_ request: unimoe_request) {
    audio = request.audio
    progress = request.progress
    end = request.end
    user = request.user
  }

  /// Lets a stream call the host.
  func install(in options: inout LiveStream.Options) {
    if let audio {
      options.onAudio = { [self] samples in
        if let first = samples.baseAddress { audio(user, first, UInt32(samples.count)) }
      }
    }
    if let progress {
      options.onProgress = { [self] report in
        progress(
          user, report.phase.code, UInt32(clamping: report.codeFramesDone), UInt32(clamping: report.codeFramesExpected))
      }
    }
  }

  /// Tells the host the end.
  func report(_ end: LiveStream.End) { self.end?(user, end.code, end.status) }
}

extension GenerationProgress.Phase {
  /// The C constant.
  var code: unimoe_phase {
    switch self {
    case .queued: UNIMOE_PHASE_QUEUED
    case .prefill: UNIMOE_PHASE_PREFILL
    case .generate: UNIMOE_PHASE_GENERATE
    case .decode: UNIMOE_PHASE_DECODE
    }
  }
}

extension LiveStream.End {
  /// The C constant.
  var code: unimoe_end {
    switch self {
    case .stopped(.end): UNIMOE_END_COMPLETE
    case .stopped(.length): UNIMOE_END_LENGTH
    case .stopped(.watchdog): UNIMOE_END_WATCHDOG
    case .stopped(.cancelled): UNIMOE_END_CANCELLED
    case .failed: UNIMOE_END_FAILED
    }
  }

  /// The status of the error, if it was one.
  var status: unimoe_status {
    if case .failed(let error) = self { UniMoEAudioC.status(of: error) } else { UNIMOE_OK }
  }

  /// How loudly it is logged.
  var level: unimoe_log_level {
    if case .failed = self { UNIMOE_LOG_ERROR } else { UNIMOE_LOG_INFO }
  }

  /// The end in a few words.
  var text: String {
    switch self {
    case .stopped(let reason): reason.rawValue
    case .failed(let error): error.description
    }
  }
}
