package dev.kvpress.compare.journal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * Who writes to a folder, as the file {@link FolderLock#OWNER} says it.
 *
 * @param host name of the machine, for people
 * @param machine tells running systems apart: changes when the machine is started again, and from
 *     one space of process numbers to another; empty where it is not known
 * @param pid number of the process there
 * @param token of this one lock
 * @param beat counted up by the owner, always of the same width
 */
record FolderOwner(String host, String machine, long pid, String token, String beat) {
  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
  private static final Path PROCESSES = Path.of("/proc/self/ns/pid");
  private static final JsonMapper JSON = new JsonMapper();

  /** This process, with a token of its own. */
  static FolderOwner self() {
    return new FolderOwner(
            hostName(),
            machineName(),
            ProcessHandle.current().pid(),
            UUID.randomUUID().toString(),
            "")
        .beating(0);
  }

  FolderOwner beating(long count) {
    // Of one width, so that the line can be written over in place.
    return new FolderOwner(host, machine, pid, token, String.format(Locale.ROOT, "%019d", count));
  }

  /** Whether the owner ran on this machine and has ended: then nobody needs to wait for it. */
  boolean isDeadHere() {
    return !machine.isEmpty()
        && machine.equals(machineName())
        && ProcessHandle.of(pid).map(process -> !process.isAlive()).orElse(true);
  }

  String describe() {
    return "process %d on %s".formatted(pid, host);
  }

  String toJson() {
    try {
      return JSON.writeValueAsString(this) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an owner cannot be written as JSON", e);
    }
  }

  /** Empty if the text is half written or something else. */
  static Optional<FolderOwner> parse(String text) {
    try {
      return Optional.ofNullable(JSON.readValue(text, FolderOwner.class))
          .filter(owner -> owner.token() != null && owner.machine() != null);
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "an unnamed machine";
    }
  }

  private static String machineName() {
    try {
      return Files.readString(BOOT).strip() + " " + Files.readSymbolicLink(PROCESSES);
    } catch (IOException | UnsupportedOperationException e) {
      // Not Linux: then every owner counts as one of another machine, which is watched.
      return "";
    }
  }
}
