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
import javax.xml.datatype.DatatypeFactory;
import javax.xml.datatype.XMLGregorianCalendar;
import monitors.Monitors;
import monitors.MonitorsService;
import phonemode.PhoneCode;
import phonemode.PhoneMode;
import phonemode.PhoneModeService;
import sessions.NameArray;
import sessions.RangeBy;
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
        Desk.help();
        readSessions();
        watch();
        makeCodes();
    }

    private static void readSessions() throws Exception {
        Sessions sessions = new SessionsService(new URL(given("sessions"))).getSessions();
        String known = call("logon", () -> sessions.logon(given("username"), given("password")));
        call("getPortal", () -> sessions.getPortal(known));
        long number = Long.parseLong(given("session"));
        Session session = call("getSession", () -> sessions.getSession(known, number));
        for (int guess = 0; guess < 4; guess++) {
            call("logon", () -> sessions.logon(given("locked"), "wrong"));
        }
        list(sessions, known);
        follow(sessions, known);
        download(session.getFiles().getSessionFile().get(0));
        call("getDefaultKey", () -> sessions.getDefaultKey(known, 1));
        tell("logoff", () -> sessions.logoff(known));
        call("getPortal", () -> sessions.getPortal(known));
    }

    private static void list(Sessions sessions, String known) throws Exception {
        DatatypeFactory calendar = DatatypeFactory.newInstance();
        XMLGregorianCalendar from = calendar.newXMLGregorianCalendar(given("from"));
        XMLGregorianCalendar to = calendar.newXMLGregorianCalendar(given("to"));
        NameArray some = new NameArray();
        some.getName().add(given("subPortal"));
        call("getSessionIds", () ->
                sessions.getSessionIds(known, from, to, RangeBy.POSTED, some, null, null));
    }

    private static void follow(Sessions sessions, String known) throws Exception {
        call("getLastUpdateId", () -> sessions.getLastUpdateId(known));
        int max = Integer.parseInt(given("max"));
        List<Update> page;
        long since = 0;
        do {
            long from = since;
            page = call("getUpdates", () -> sessions.getUpdates(known, from, max)).getUpdate();
            since = page.isEmpty() ? from : page.get(page.size() - 1).getUpdateId();
        } while (page.size() == max);
    }

    private static void watch() throws Exception {
        Monitors monitors = new MonitorsService(new URL(given("monitors"))).getMonitors();
        String known = call("logon", () -> monitors.logon(given("username"), given("password")));
        call("getRepresentatives", () -> monitors.getRepresentatives(known));
        call("getQueues", () -> monitors.getQueues(known));
        tell("logoff", () -> monitors.logoff(known));
    }

    private static void makeCodes() throws Exception {
        PhoneMode phones = new PhoneModeService(new URL(given("phonemode"))).getPhoneMode();
        String known = call("logon", () -> phones.logon(given("username"), given("password")));
        String who = given("representative");
        Callable<PhoneCode> create = () -> phones.createCode(
                known, who, given("portal"), given("customer"), given("reference"));
        PhoneCode made = call("createCode", create);
        call("getCodes", () -> phones.getCodes(known, who));
        tell("cancelCode", () -> phones.cancelCode(known, made.getCode()));
        call("getCodes", () -> phones.getCodes(known, who));
        call("createCode", create);
        call("cancelCodes", () -> phones.cancelCodes(known, who));
        call("getCodes", () -> phones.getCodes(known, who));
        tell("logoff", () -> phones.logoff(known));
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

    /** Gives the value of an argument. */
    static String given(String name) {
        return GIVEN.get(name);
    }

    /** What a call does that gives nothing. */
    interface Doing {
        void run() throws Exception;
    }

    /** Calls an operation that gives nothing. */
    static void tell(String operation, Doing doing) throws Exception {
        call(operation, () -> {
            doing.run();
            return null;
        });
    }

    /** Calls an operation; prints what it gives, or what the generated exception carries. */
    static <T> T call(String operation, Callable<T> call) throws Exception {
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
