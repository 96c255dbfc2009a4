import CUniMoEAudio
import Glibc
import Posix
import UniMoEAudio

/// What each thread's last failed call said.
enum ErrorMessage {
  private final class Box {
    var text = ""
  }

  /// The thread's box, made at its first error and freed with the thread.
  private static let key: pthread_key_t? = {
    var key = pthread_key_t()
    let status = pthread_key_create(&key) { box in
      if let box { Unmanaged<Box>.fromOpaque(box).release() }
    }
    return status == 0 ? key : nil
  }()

  /// The last message of the calling thread.
  static var text: String {
    guard let key, let box = pthread_getspecific(key) else { return "" }
    return Unmanaged<Box>.fromOpaque(box).takeUnretainedValue().text
  }

  /// Keeps a message for the calling thread.
  static func set(_ text: String) {
    guard let key else { return }
    if let box = pthread_getspecific(key) {
      Unmanaged<Box>.fromOpaque(box).takeUnretainedValue().text = text
      return
    }
    let box = Box()
    box.text = text
    let unmanaged = Unmanaged.passRetained(box)
    if pthread_setspecific(key, unmanaged.toOpaque()) != 0 { unmanaged.release() }
  }
}

/// Runs the body of an exported function: an error becomes its status, and its text the thread's message.
func reporting(_ body: () throws(UniMoEError) -> Void) -> unimoe_status {
  let result: unimoe_status = withinHost {
    do throws(UniMoEError) {
      try body()
      return UNIMOE_OK
    } catch {
      ErrorMessage.set(error.description)
      return status(of: error)
    }
  }
  // A thread that was cancelled meanwhile ends here, where it holds nothing: it may only ever wait in the library.
  pthread_testcancel()
  return result
}

/// As `reporting`, for a function that can also fail without an engine's error.
func reportingStatus(_ body: () throws(UniMoEError) -> unimoe_status) -> unimoe_status {
  var result = UNIMOE_OK
  let status = reporting { () throws(UniMoEError) in result = try body() }
  return status == UNIMOE_OK ? result : status
}

/// The status that stands for an error.
func status(of error: UniMoEError) -> unimoe_status {
  switch error.kind {
  case .argument: UNIMOE_ERROR_ARGUMENT
  case .request: UNIMOE_ERROR_REQUEST
  case .model, .unknownModel: UNIMOE_ERROR_MODEL
  case .audio: UNIMOE_ERROR_AUDIO
  case .voice, .unknownVoice, .voiceName: UNIMOE_ERROR_VOICE
  case .system: UNIMOE_ERROR_SYSTEM
  case .cancelled: UNIMOE_ERROR_CANCELLED
  }
}

/// The error of an argument that cannot be used.
func argumentError(_ name: String, expected: String, found: String) -> UniMoEError {
  UniMoEError(.argument, "argument", field: name, expected: expected, found: found)
}

/// The value of a pointer argument. Throws if it is null.
func required<Value>(_ value: Value?, _ name: String) throws(UniMoEError) -> Value {
  guard let value else { throw argumentError(name, expected: "a pointer", found: "null") }
  return value
}
