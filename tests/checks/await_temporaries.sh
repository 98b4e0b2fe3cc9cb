#!/usr/bin/env bash
# g++ 12 destroys two kinds of temporaries twice when they are made inside a co_await expression: aggregates made by
# braces, and lambdas that own what they capture. The cure is to name the object first and to move it.
# A default argument is made there as well, so public headers write `= options()` and never `= {}`.
# Captures by reference, `this` and empty braces have nothing to destroy. Argument: the source directory.
set -euo pipefail
cd -- "${1:?the source directory}"
command -v perl >/dev/null || { echo "await_temporaries: needs perl"; exit 1; }
mapfile -d '' -t files < <(
    find include src tests examples benchmarks \( -name '*.hpp' -o -name '*.cpp' \) -print0 2>/dev/null | sort -z
)
((${#files[@]} > 0)) || { echo "await_temporaries: no sources in $PWD"; exit 1; }

if grep -nE '= \{\}[,)]' include/dbxapps/*.hpp; then
    echo 'a default argument made by braces: write the name of its type'
    exit 1
fi

exec perl - "${files[@]}" <<'END'
use strict;
use warnings;

my ($failed, $awaits) = (0, 0);

# Comments and literals become blanks; lines keep their numbers.
sub code_of {
    my ($text) = @_;
    my $blank = sub { my ($s, $with) = @_; $s =~ s/[^\n]+/$with/; $s =~ s/\n[^\n]+/\n/g; $s };
    my $number = qr{\b[0-9](?:'?[0-9A-Za-z_.])*};
    my $comment = qr{//[^\n]*|/\*.*?\*/}s;
    my $literal = qr{R"(?<end>[^(\s]*)\(.*?\)\k<end>"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'}s;
    $text =~ s{(?<n>$number)|(?<c>$comment)|(?<l>$literal)}
              {defined $+{n} ? $+{n} : defined $+{c} ? $blank->($+{c}, ' ') : $blank->($+{l}, '0')}ge;
    return $text;
}

# The index after the bracket that closes the one at $at.
sub after_closing {
    my ($text, $at) = @_;
    for (my $depth = 0; $at < length $text; ++$at) {
        my $c = substr($text, $at, 1);
        ++$depth if index('([{', $c) >= 0;
        return $at + 1 if index(')]}', $c) >= 0 && --$depth == 0;
    }
    return $at;
}

sub owns { grep { !/^\s*(?:|this|&.*)\s*$/s } split /,/, $_[0] }

sub check {
    my ($file, $text, $at) = @_;
    my $complain = sub {
        my $line = 1 + (substr($text, 0, $_[0]) =~ tr/\n//);
        print "$file:$line: $_[1] inside a co_await expression; name it first, then move it\n";
        $failed = 1;
    };
    for (my $depth = 0; $at < length $text; ++$at) {
        my $c = substr($text, $at, 1);
        last if $c eq ';' || ($depth == 0 && index(',)]}', $c) >= 0);
        if ($c eq '[' && substr($text, 0, $at) =~ /(?:[(,={?:!&|]|\breturn|\bco_await)\s*\z/) {
            my $end = after_closing($text, $at);
            $complain->($at, 'a lambda that owns what it captures') if owns(substr($text, $at + 1, $end - $at - 2));
            $end = after_closing($text, $end) if substr($text, $end) =~ /\A\s*\(/;
            my $body = index($text, '{', $end);
            $at = after_closing($text, $body) - 1;  # what happens in there is not part of this expression
        } elsif ($c eq '{' && substr($text, $at) =~ /\A\{\s*\}/) {
            $at = after_closing($text, $at) - 1;
        } else {
            $complain->($at, 'an object made by braces') if $c eq '{';
            ++$depth if index('([{', $c) >= 0;
            --$depth if index(')]}', $c) >= 0;
        }
    }
}

for my $file (@ARGV) {
    open my $in, '<', $file or die "$file: $!\n";
    local $/;
    my $text = code_of(scalar <$in>);
    while ($text =~ /\bawaitable<[^;{}()]*\((?:[^;(){}]|\{\})*\w+_options\s*=\s*/g) {
        my $line = 1 + (substr($text, 0, pos $text) =~ tr/\n//);
        print "$file:$line: a default argument that is an aggregate; overload the function instead\n";
        $failed = 1;
    }
    while ($text =~ /\bco_await\b/g) {
        ++$awaits;
        check($file, $text, pos $text);
    }
}
die "await_temporaries: found no co_await at all\n" if !$awaits;
print "$awaits co_await expressions are free of them\n" if !$failed;
exit $failed;
END
