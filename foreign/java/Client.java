// The round by JAX-WS, with the classes that wsimport makes of the WSDL: see ../README.md.
import java.io.InputStream;
import java.lang.reflect.Field;
import java.net.URL;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import javax.xml.datatype.XMLGregorianCalendar;
import monitors.Monitors;
import monitors.MonitorsService;
import phonemode.PhoneCode;
import phonemode.PhoneMode;
import phonemode.PhoneModeService;
import sessions.Session;
import sessions.SessionFile;
import sessions.Sessions;
import sessions.SessionsService;
import sessions.Update;

public final class Client {
    private static final Map<String, String> GIVEN = new LinkedHashMap<>();

    public static void main(String[] arguments) throws Exception {
        for (String argument : arguments) {
            String[] parts = argument.split("=", 2);
            GIVEN.put(parts[0], parts[1]);
        }
        Sessions sessions = new SessionsService(new URL(GIVEN.get("sessions"))).getSessions();
        String known =
                call("logon", () -> sessions.logon(GIVEN.get("username"), GIVEN.get("password")));
        call("getPortal", () -> sessions.getPortal(known));
        long number = Long.parseLong(GIVEN.get("session"));
        Session session = call("getSession", () -> sessions.getSession(known, number));
        for (int guess = 0; guess < 4; guess++) {
            call("logon", () -> sessions.logon(GIVEN.get("locked"), "wrong"));
        }
        follow(sessions, known);
        watch(known);
        makeCode(known);
        download(session.getFiles().getSessionFile().get(0));
        call("logoff", () -> {
            sessions.logoff(known);
            return null;
        });
        call("getPortal", () -> sessions.getPortal(known));
    }

    private static void follow(Sessions sessions, String known) throws Exception {
        call("getLastUpdateId", () -> sessions.getLastUpdateId(known));
        int max = Integer.parseInt(GIVEN.get("max"));
        List<Update> page;
        long since = 0;
        do {
            long from = since;
            page = call("getUpdates", () -> sessions.getUpdates(known, from, max)).getUpdate();
            since = page.isEmpty() ? from : page.get(page.size() - 1).getUpdateId();
        } while (page.size() == max);
    }

    private static void watch(String known) throws Exception {
        Monitors monitors = new MonitorsService(new URL(GIVEN.get("monitors"))).getMonitors();
        call("getRepresentatives", () -> monitors.getRepresentatives(known));
        call("getQueues", () -> monitors.getQueues(known));
    }

    private static void makeCode(String known) throws Exception {
        PhoneMode phones = new PhoneModeService(new URL(GIVEN.get("phonemode"))).getPhoneMode();
        String who = GIVEN.get("representative");
        String portal = GIVEN.get("portal");
        String customer = GIVEN.get("customer");
        String reference = GIVEN.get("reference");
        PhoneCode made = call(
                "createCode", () -> phones.createCode(known, who, portal, customer, reference));
        call("getCodes", () -> phones.getCodes(known, who));
        call("cancelCode", () -> {
            phones.cancelCode(known, made.getCode());
            return null;
        });
        call("getCodes", () -> phones.getCodes(known, who));
    }

    private static void download(SessionFile file) throws Exception {
        byte[] bytes;
        try (InputStream stream = new URL(file.getUrl()).openStream()) {
            bytes = stream.readAllBytes();
        }
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
        Map<String, Object> came = new LinkedHashMap<>();
        came.put("size", bytes.length);
        came.put("sha256", HexFormat.of().formatHex(digest));
        came.put("told", file.getSha256());
        say("download", "gives", came);
    }

    /** Calls an operation; prints what it gives, or what the generated exception carries. */
    private static <T> T call(String operation, Callable<T> call) throws Exception {
        T gives;
        try {
            gives = call.call();
        } catch (RuntimeException unforeseen) {
            throw unforeseen;
        } catch (Exception refused) {
            Object info = refused.getClass().getMethod("getFaultInfo").invoke(refused);
            say(operation, "fault", info.getClass().getSimpleName(), "fields", info);
            return null;
        }
        say(operation, "gives", gives);
        return gives;
    }

    private static void say(String operation, Object... told) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("call", operation);
        for (int at = 0; at < told.length; at += 2) {
            line.put((String) told[at], told[at + 1]);
        }
        System.out.println(json(line));
    }

    /** Writes a value as JSON; a generated class by its fields, a wrapped list as the list in it. */
    private static String json(Object value) {
        if (value == null || value instanceof Number || value instanceof Boolean) {
            return String.valueOf(value);
        }
        if (value instanceof XMLGregorianCalendar time) {
            Instant instant = time.toGregorianCalendar().toInstant();
            return quoted(DateTimeFormatter.ISO_INSTANT.format(instant));
        }
        if (value instanceof byte[] bytes) {
            return quoted(Base64.getEncoder().encodeToString(bytes));
        }
        if (value instanceof Enum<?> word) {
            return quoted(word(word));
        }
        if (value instanceof List<?> list) {
            return list.stream().map(Client::json).collect(Collectors.joining(",", "[", "]"));
        }
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(field -> quoted((String) field.getKey()) + ":" + json(field.getValue()))
                    .collect(Collectors.joining(",", "{", "}"));
        }
        if (value instanceof String text) {
            return quoted(text);
        }
        return json(unwrapped(value));
    }

    private static Object unwrapped(Object value) {
        Map<String, Object> fields = fields(value);
        if (fields.size() == 1 && value.getClass().getSimpleName().endsWith("Array")) {
            Object only = fields.values().iterator().next();
            return only == null ? List.of() : only;
        }
        return fields;
    }

    private static Map<String, Object> fields(Object value) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (Field field : value.getClass().getDeclaredFields()) {
            field.setAccessible(true);
            try {
                fields.put(field.getName(), field.get(value));
            } catch (IllegalAccessException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
        return fields;
    }

    private static String word(Enum<?> word) {
        try {
            return (String) word.getClass().getMethod("value").invoke(word);
        } catch (ReflectiveOperationException notGenerated) {
            throw new IllegalStateException(notGenerated);
        }
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char one : text.toCharArray()) {
            if (one == '"' || one == '\\') {
                out.append('\\').append(one);
            } else if (one < ' ' || one > '~') {
                out.append(String.format("\\u%04x", (int) one));
            } else {
                out.append(one);
            }
        }
        return out.append('"').toString();
    }
}
