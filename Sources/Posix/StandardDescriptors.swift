import Glibc

/// Standard input, output and error of a program that may have been started without them.
package enum StandardDescriptors {
  /// Opens those of descriptors 0 to 2 that are closed, so that no file or socket of the program takes their place and
  /// receives what is meant for them. Using one still fails with EBADF: input is opened for writing, output and error
  /// for reading. To be called before anything else is opened.
  package static func reserve() {
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest free number, which is this one, as those below it are open by now.
      _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }
}
