<?php
// The round by PHP's SoapClient, driven by the WSDL alone: see ../README.md for arguments and calls.
declare(strict_types=1);

// What the schema has as base64Binary comes as bytes, which JSON cannot carry.
const BINARY = ['wrappedKey', 'kdfSalt', 'key'];

$given = [];
foreach (array_slice($argv, 1) as $argument) {
    [$name, $value] = explode('=', $argument, 2);
    $given[$name] = $value;
}
$web = stream_context_create(isset($given['ca']) ? ['ssl' => ['cafile' => $given['ca']]] : []);

function main(array $given): void
{
    help_customers(client($given['agents']), $given);
    read_sessions(client($given['sessions']), $given);
    watch(client($given['monitors']), $given);
    make_codes(client($given['phonemode']), $given);
}

function logon(SoapClient $service, string $username, string $password): array
{
    $asked = ['username' => $username, 'password' => $password];
    return ['connectionId' => call($service, 'logon', $asked)];
}

/** The representative: takes a request, refuses one, does all that a session takes. */
function help_customers(SoapClient $agents, array $given): void
{
    $here = logon($agents, $given['representative'], $given['repPassword']);
    $words = $given['words'];
    $live = [...$here, 'sessionId' => (int) $given['live']];
    call($agents, 'setAvailability', [...$here, 'available' => true]);
    call($agents, 'getEvents', [...$here, 'since' => 0, 'max' => 100]);
    call($agents, 'acceptRequest', [...$here, 'sessionId' => (int) $given['wanted']]);
    call($agents, 'declineRequest', [...$here, 'sessionId' => (int) $given['unwanted']]);
    call($agents, 'startByCode', [...$here, ...caller($given)]);
    call($agents, 'sendChat', [...$live, 'text' => $words]);
    call($agents, 'pushUrl', [...$live, 'url' => $given['url']]);
    $content = implode(array_map('chr', range(0, 255)));
    call($agents, 'sendFile', [...$live, 'name' => 'every byte.bin', 'content' => $content]);
    call($agents, 'requestDiagnostics', $live);
    call($agents, 'setScreenSharing', [...$live, 'on' => true]);
    call($agents, 'rebootReconnect', [...$live, 'reconnected' => false]);
    $end = ['comment' => $words, 'sessionEndLabel' => 'Ticket', 'sessionEndData' => $words];
    call($agents, 'endSession', [...$live, 'resolution' => 'Unresolved', ...$end]);
    $ratings = ['LabelledValue' => [['label' => $words, 'value' => $words]]];
    call($agents, 'submitRating', [...$live, 'ratings' => $ratings]);
    $handed = ['sessionId' => (int) $given['other'], 'subPortal' => $given['subPortal']];
    call($agents, 'transferSession', [...$here, ...$handed]);
    call($agents, 'logoff', $here);
}

function read_sessions(SoapClient $sessions, array $given): void
{
    $here = logon($sessions, $given['username'], $given['password']);
    call($sessions, 'getPortal', $here);
    $session = call($sessions, 'getSession', [...$here, 'sessionId' => (int) $given['session']]);
    for ($guess = 0; $guess < 4; $guess++) {
        logon($sessions, $given['locked'], 'wrong');
    }
    $range = ['from' => $given['from'], 'to' => $given['to'], 'by' => 'Posted'];
    $some = ['subPortals' => ['Name' => [$given['subPortal']]]];
    call($sessions, 'getSessionIds', [...$here, ...$range, ...$some]);
    follow($sessions, $here, (int) $given['max']);
    download($session->files->SessionFile[0]);
    call($sessions, 'getDefaultKey', [...$here, 'keyVersion' => 1]);
    call($sessions, 'logoff', $here);
    call($sessions, 'getPortal', $here);
}

function watch(SoapClient $monitors, array $given): void
{
    $here = logon($monitors, $given['username'], $given['password']);
    call($monitors, 'getRepresentatives', $here);
    call($monitors, 'getQueues', $here);
    call($monitors, 'logoff', $here);
}

function client(string $wsdl): SoapClient
{
    global $given, $web;
    return new SoapClient($wsdl, [
        'soap_version' => $given['version'] === '1.2' ? SOAP_1_2 : SOAP_1_1,
        'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
        'cache_wsdl' => WSDL_CACHE_NONE,
        'stream_context' => $web,
    ]);
}

function follow(SoapClient $sessions, array $here, int $max): void
{
    call($sessions, 'getLastUpdateId', $here);
    $since = 0;
    do {
        $found = call($sessions, 'getUpdates', [...$here, 'since' => $since, 'max' => $max]);
        $page = $found->Update ?? [];
        $since = end($page)->updateId ?? $since;
    } while (count($page) === $max);
}

function make_codes(SoapClient $phonemode, array $given): void
{
    $here = logon($phonemode, $given['username'], $given['password']);
    $whose = [...$here, 'representative' => $given['representative']];
    $made = call($phonemode, 'createCode', [...$whose, ...caller($given)]);
    call($phonemode, 'getCodes', $whose);
    call($phonemode, 'cancelCode', [...$here, 'code' => $made->code]);
    call($phonemode, 'getCodes', $whose);
    call($phonemode, 'createCode', [...$whose, ...caller($given)]);
    call($phonemode, 'cancelCodes', $whose);
    call($phonemode, 'getCodes', $whose);
    call($phonemode, 'logoff', $here);
}

/** Gives whom a phone code is for. */
function caller(array $given): array
{
    return [
        'portal' => $given['portal'],
        'customerName' => $given['customer'],
        'referenceId' => $given['reference'],
    ];
}

function download(object $file): void
{
    global $web;
    $bytes = file_get_contents($file->url, false, $web);
    $came = ['size' => strlen($bytes), 'sha256' => hash('sha256', $bytes), 'told' => $file->sha256];
    say('download', ['gives' => $came]);
}

/** Calls an operation; prints what it gives, or the detail of its fault. */
function call(SoapClient $service, string $operation, array $wanted): mixed
{
    try {
        $answer = get_object_vars($service->__soapCall($operation, [$wanted]));
    } catch (SoapFault $fault) {
        $detail = get_object_vars($fault->detail);
        say($operation, ['fault' => key($detail), 'fields' => plain(current($detail))]);
        return null;
    }
    $gives = current($answer);
    say($operation, ['gives' => $answer === [] ? null : plain($gives)]);
    return $gives;
}

/** Gives a value of SoapClient's as JSON has it; a wrapped list as the list in it. */
function plain(mixed $value): mixed
{
    if (is_array($value)) {
        return array_map('plain', $value);
    }
    if (!is_object($value)) {
        return $value;
    }
    $fields = get_object_vars($value);
    if (count($fields) === 1 && is_array(current($fields))) {
        return plain(current($fields));
    }
    foreach (array_intersect(BINARY, array_keys($fields)) as $name) {
        $fields[$name] = base64_encode($fields[$name]);
    }
    return array_map('plain', $fields) ?: new stdClass();
}

function say(string $operation, array $told): void
{
    echo json_encode(['call' => $operation, ...$told], JSON_THROW_ON_ERROR), "\n";
}

main($given);
