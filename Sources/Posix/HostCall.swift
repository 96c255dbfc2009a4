import Glibc

/// Does the library's work in a thread of its host, whatever that thread is like: rounds to the nearest, and cannot be
/// cancelled half-way, which would leave locks closed and memory behind. Afterwards the thread is as it was; a
/// cancellation that came meanwhile takes effect at the thread's next cancellation point.
package func withinHost<Result, Failure>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
  var cancelState: Int32 = 0
  pthread_setcancelstate(Int32(PTHREAD_CANCEL_DISABLE), &cancelState)
  let arithmetic = FloatingPointState.current
  FloatingPointState.setDefault()
  defer {
    arithmetic.restore()
    pthread_setcancelstate(cancelState, nil)
  }
  return try body()
}
